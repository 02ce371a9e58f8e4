"""Caches for look-ups that pytest repeats for every check although they stay the same.

Both are remembered as pytest has found them. Together they are a seventh of what a worker does for an empty test.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Final

import pytest
from _pytest.python import PyobjMixin

_DEFINED_ELSEWHERE: Final = frozenset({"__wrapped__", "place_as"})
"""Attributes of a function that let pytest name another place than that of its code."""


class HookProxies:
    """Caches the conftests of every path: looked up seven times in a test."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        session.gethookproxy = cached_hook_proxy(session)  # type: ignore[assignment, method-assign]


def cached_hook_proxy(session: pytest.Session) -> Callable[[Any], Any]:
    """`session.gethookproxy` with a cache, which lasts until another conftest is loaded."""
    look_up: Callable[[Any], Any] = session.gethookproxy
    manager: Any = session.config.pluginmanager
    conftests, by_folder = manager._conftest_plugins, manager._dirpath2confmods  # noqa: SLF001
    known: dict[Any, Any] = {}
    loaded = 0, 0

    def gethookproxy(fspath: Any) -> Any:
        nonlocal loaded
        now = len(conftests), len(by_folder)
        if now != loaded:
            known.clear()
            loaded = now
        proxy = known.get(fspath)
        if proxy is None:
            proxy = known[fspath] = look_up(fspath)
        return proxy

    return gethookproxy


class Locations:
    """Caches the paths of files: pytest asks the file system for every function that is defined in one."""

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}

    def set_location(self, item: pytest.Item) -> None:
        """Sets `item.location`, which pytest computes when it is first read, if the item is a plain function."""
        code = _plain_code(item)
        if code is None or "location" in item.__dict__:
            return
        path = self._paths.get(code.co_filename)
        if path is None:
            self._paths[code.co_filename] = item.location[0]
        else:
            item.__dict__["location"] = path, code.co_firstlineno - 1, item.getmodpath()  # type: ignore[attr-defined]


def _plain_code(item: pytest.Item) -> CodeType | None:
    """The code whose place pytest would name."""
    kind = type(item)
    if not issubclass(kind, pytest.Function):
        return None
    if kind.reportinfo is not PyobjMixin.reportinfo or kind.location is not pytest.Item.location:
        return None
    function = getattr(item.obj, "__func__", item.obj)  # type: ignore[attr-defined]
    if type(function) is not FunctionType or not _DEFINED_ELSEWHERE.isdisjoint(vars(function)):
        return None
    return function.__code__
