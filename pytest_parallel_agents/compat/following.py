"""Whether a plugin or a conftest asks which item runs next: hooks are given the next with each, and None with the last.

Some publish what they have gathered, or end what they have begun, with the last item of a process. A worker that gets
its checks bit by bit does not know which item is the last, unless it waits to learn what follows before it begins.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any, Final

import pytest

from pytest_parallel_agents.code_origin import PACKAGE, is_of

_NAME: Final = "nextitem"
_OF_PYTEST: Final = frozenset(
    {"runtestprotocol", "pytest_runtest_protocol", "pytest_runtest_teardown", "call_and_report", "teardown_exact"}
)
"""Functions that pytest itself calls with the next item: such a call is no question."""


def asks_what_follows(config: pytest.Config) -> bool:
    """Whether any hook but pytest's own looks at the next item."""
    return any(_asks(function) for function in _foreign_hooks(config))


def _foreign_hooks(config: pytest.Config) -> Iterator[Any]:
    for caller in (config.hook.pytest_runtest_protocol, config.hook.pytest_runtest_teardown):
        for implementation in caller.get_hookimpls():
            function: Any = implementation.function
            if _NAME in implementation.argnames and not is_of(function.__module__, "_pytest", PACKAGE):
                yield function


def _asks(function: Any) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return True  # its source is not available
    passed_on = {id(name) for call in ast.walk(tree) if isinstance(call, ast.Call) for name in _passed_on(call)}
    return any(isinstance(node, ast.Name) and node.id == _NAME and id(node) not in passed_on for node in ast.walk(tree))


def _passed_on(call: ast.Call) -> Iterator[ast.expr]:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called in _OF_PYTEST:
        yield from call.args
        yield from (keyword.value for keyword in call.keywords)
