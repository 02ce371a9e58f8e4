"""Where a failure is put into words before its exception is raised: what runs there is not what the check tests."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, Final

import pytest

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins

_DESCRIBING: Final = {
    "_pytest.assertion.rewrite": (
        *("_saferepr", "_format_assertmsg", "_format_explanation", "_call_reprcompare"),
        *("_should_repr_global_name", "_call_assertion_pass"),
    ),
    "unittest.case": ("safe_repr", "_common_shorten_repr"),
}
"""Functions, by their modules. Rewritten assertions and `unittest` look them up there when an assertion has failed."""


def set_aside(patch: pytest.MonkeyPatch, paused: Callable[[], AbstractContextManager[None]]) -> None:
    """Have every description of a failure made within `paused()`, until the patch is undone."""

    def aside(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def within(*arguments: Any, **named: Any) -> Any:
            with paused():
                return function(*arguments, **named)

        return within

    for module, names in _DESCRIBING.items():
        found = sys.modules.get(module)
        for name in names:
            if hasattr(found, name):
                patch.setattr(found, name, aside(getattr(found, name)))
    case: Any = sys.modules.get("unittest.case")
    if case is not None:
        patch.setattr(case, "pprint", SimpleNamespace(pformat=aside(case.pprint.pformat)))
