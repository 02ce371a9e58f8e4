"""Shorter ways to what pytest looks up again for every check.

Conftests and places are remembered as pytest has found them, and keywords are gathered without generators. Together
they are a sixth of what a worker does for an empty test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, Final

import pytest
from _pytest.mark.structures import NodeKeywords
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


def gather_keywords_at_once(config: pytest.Config) -> None:
    """Until the session ends, keywords of nodes are gathered in one loop, in pytest's order.

    pytest passes each through a generator for every node above it, and reads all of them for each of a check's reports.
    Where a plugin has put something in the place of pytest's own function it stays.
    """
    before = NodeKeywords.__iter__
    if getattr(before, "__module__", "") == NodeKeywords.__module__:
        NodeKeywords.__iter__ = _iterate  # type: ignore[method-assign]
        config.add_cleanup(lambda: _restore(before))


def _restore(before: Any) -> None:
    if NodeKeywords.__iter__ is _iterate:
        NodeKeywords.__iter__ = before  # type: ignore[method-assign]


def _iterate(keywords: Any) -> Iterator[str]:
    found: dict[str, None] = dict.fromkeys(keywords._markers)  # noqa: SLF001
    while keywords.parent is not None:
        keywords = keywords.parent.keywords
        if type(keywords) is not NodeKeywords:  # a plugin has replaced those of a node
            found |= dict.fromkeys(keywords)
            break
        found |= dict.fromkeys(keywords._markers)  # noqa: SLF001
    return iter(found)


class Locations:
    """Caches the paths of files, for which pytest asks the file system for every function that is defined in one, and
    the names of classes.
    """

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        self._plain_kinds: dict[type, bool] = {}
        self._parent: object = None
        self._prefix: str | None = None

    def set_location(self, item: pytest.Item) -> None:
        """Sets `item.location`, which pytest computes when it is first read, if the item is a plain function."""
        code = self._plain_code(item)
        if code is None or "location" in item.__dict__:
            return
        path = self._paths.get(code.co_filename)
        if path is None:
            self._paths[code.co_filename] = item.location[0]
        else:
            item.__dict__["location"] = path, code.co_firstlineno - 1, self._name_in_module(item)

    def _name_in_module(self, item: Any) -> str:
        """All functions of a class or module have the same text before their names."""
        if item.parent is not self._parent or self._prefix is None:
            name: str = item.getmodpath()
            self._parent, self._prefix = item.parent, name.removesuffix(item.name) if name.endswith(item.name) else None
            return name
        return f"{self._prefix}{item.name}"

    def _plain_code(self, item: pytest.Item) -> CodeType | None:
        """The code whose place pytest would name."""
        kind = type(item)
        is_plain = self._plain_kinds.get(kind)
        if is_plain is None:
            is_plain = self._plain_kinds[kind] = _is_plain(kind)
        if not is_plain:
            return None
        function = getattr(item.obj, "__func__", item.obj)  # type: ignore[attr-defined]
        if type(function) is not FunctionType or not _DEFINED_ELSEWHERE.isdisjoint(vars(function)):
            return None
        return function.__code__


def _is_plain(kind: type) -> bool:
    """Whether its items are functions whose places pytest finds in its own way."""
    return (
        issubclass(kind, pytest.Function)
        and kind.reportinfo is PyobjMixin.reportinfo
        and kind.getmodpath is PyobjMixin.getmodpath
        and kind.location is pytest.Item.location
    )
