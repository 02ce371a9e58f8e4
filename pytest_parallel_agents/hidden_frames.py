"""Keeps frames of ours out of the tracebacks of checks, which then look as they do without this plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins

_Function = TypeVar("_Function", bound=Callable[..., Any])


def hidden(function: _Function) -> _Function:
    """Hides the frame of a function through which errors of a check pass. It must set `__tracebackhide__` too.

    pytest leaves out frames of its own and of generated code, which it knows by the brackets in the name of the file.
    Where there are no others it shows all frames but those with that variable.
    """
    code = function.__code__
    function.__code__ = code.replace(co_filename=f"<{code.co_filename}>")
    return function
