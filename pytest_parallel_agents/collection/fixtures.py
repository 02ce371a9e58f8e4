"""Fixtures wider than function scope that an item uses: those of its real closure, and those it may request later."""

from __future__ import annotations

import unittest
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import FunctionType
from typing import Any, Final

import pytest

from pytest_parallel_agents.collection.nodes import file_nodeid
from pytest_parallel_agents.collection.requested import NOTHING, Requests, visible_as
from pytest_parallel_agents.model.plan import SharedFixture

_HARMLESS_MODULES: Final = ("_pytest.", "xdist.", "pytest_parallel_agents.", "pytest_asyncio.", "anyio.", "faker.")
"""Plugins whose wide fixtures are made to be built once per process."""

_XUNIT: Final = ("_xunit_", "_unittest_")
"""pytest wraps setup_module, setup_class and their like in fixtures of these names: they are the user's own."""


class WideFixtures:
    """Finds them. `replicate` holds patterns of names that the user allows to be built once per worker."""

    def __init__(self, replicate: Sequence[str]) -> None:
        self._replicate = replicate
        self._harmless: dict[Any, bool] = {}
        self._requests = Requests(_is_of_harmless_module)

    def of(self, item: pytest.Item, *, marked: bool) -> tuple[SharedFixture, ...]:
        """The wide fixture instances of `item`.

        An unmarked test's session and package fixtures may be built per worker, as xdist does.
        """
        known, others = self._definitions(item)
        return tuple(
            SharedFixture(
                name=definition.argname,
                scope=definition.scope,
                key=_key(item, definition),
                replicable=self._is_harmless(item, definition)
                or (not marked and definition.scope in ("session", "package")),
                certain=number < len(known),
            )
            for number, definition in enumerate([*known, *others])
        )

    def _definitions(self, item: pytest.Item) -> tuple[list[Any], list[Any]]:
        """The wide fixtures that the item certainly uses, and those of its file that it may request besides."""
        declared = _declared(item)
        requested = self._requests.of(item, declared)
        if requested is NOTHING:
            return [each for each in declared if each.scope != "function"], []
        closure = _Closure(item)
        while closure.add(requested.names):
            requested = self._requests.of(item, closure.definitions())
        known = [each for each in closure.definitions() if each.scope != "function"]
        if not requested.others:
            return known, []
        return known, [each for each in _visible(item) if each.scope in ("module", "class") and each not in known]

    def _is_harmless(self, item: pytest.Item, definition: Any) -> bool:
        if definition not in self._harmless:
            self._harmless[definition] = self._classify(item, definition)
        return self._harmless[definition]

    def _classify(self, item: pytest.Item, definition: Any) -> bool:
        name = definition.argname
        if any(fnmatchcase(name, pattern) for pattern in self._replicate):
            return True
        if name.startswith("_unittest_setUpClass"):
            return _has_plain_class_setup(item)
        return not name.startswith(_XUNIT) and _module(definition).startswith(_HARMLESS_MODULES)


def _declared(item: pytest.Item) -> list[Any]:
    """The definitions of all fixtures in the item's closure."""
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    names = getattr(item, "fixturenames", ())
    return [each for name in names for each in _in_use(name, definitions.get(name) or ())]


class _Closure:
    """The fixtures that an item uses, by the names that are known so far."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._known: Mapping[str, Sequence[Any]] = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
        self._names = {name: self._of(name) for name in getattr(item, "fixturenames", ())}

    def add(self, names: Iterable[str]) -> bool:
        """Adds these and what they request. Returns whether any was new."""
        before = len(self._names)
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in self._names:
                self._names[name] = self._of(name)
                pending.extend(asked for definition in self._names[name] for asked in definition.argnames)
        return len(self._names) > before

    def definitions(self) -> list[Any]:
        return [definition for definitions in self._names.values() for definition in definitions]

    def _of(self, name: str) -> Sequence[Any]:
        return tuple(_in_use(name, self._known.get(name) or visible_as(self._item, name)))


def _visible(item: pytest.Item) -> list[Any]:
    """Every fixture that the item could request."""
    manager: Any = item.session._fixturemanager  # noqa: SLF001
    tables = [table for name, table in vars(manager).items() if name.startswith("_arg2")]
    names = dict.fromkeys(name for table in tables for name in table)
    return [definition for name in names for definition in visible_as(item, name)[-1:]]


def _in_use(name: str, definitions: Sequence[Any]) -> Iterator[Any]:
    """The innermost definition, and those that it overrides as long as each requests the next."""
    for definition in reversed(definitions):
        yield definition
        if name not in definition.argnames:
            return


def _key(item: pytest.Item, definition: Any) -> str:
    indices = getattr(getattr(item, "callspec", None), "indices", {})
    parameter = f"[{indices[definition.argname]}]" if definition.argname in indices else ""
    return f"{definition.argname}{parameter} of {definition.baseid or '.'} in {_scope_node(item, definition)}"


def _scope_node(item: pytest.Item, definition: Any) -> str:
    if definition.scope == "package":
        return str(definition.baseid)
    if definition.scope == "session":
        return ""
    cls = item.getparent(pytest.Class) if definition.scope == "class" else None
    return cls.nodeid if cls is not None else file_nodeid(item)


def _module(definition: Any) -> str:
    return f"{getattr(definition.func, '__module__', '')}."


def _is_of_harmless_module(function: FunctionType) -> bool:
    return f"{function.__globals__.get('__name__')}.".startswith(_HARMLESS_MODULES)


def _has_plain_class_setup(item: pytest.Item) -> bool:
    """Every TestCase has a setUpClass; only one that was written for it shares anything."""
    cls = getattr(item, "cls", None)
    return cls is not None and all(
        getattr(getattr(cls, name, None), "__func__", None) is getattr(unittest.TestCase, name).__func__
        for name in ("setUpClass", "tearDownClass")
    )
