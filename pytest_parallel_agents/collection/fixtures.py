"""Which fixtures wider than function scope an item uses, from its real closure."""

from __future__ import annotations

import unittest
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

import pytest

from pytest_parallel_agents.collection.nodes import file_nodeid
from pytest_parallel_agents.model import SharedFixture

_HARMLESS_MODULES: Final = ("_pytest.", "xdist.", "pytest_parallel_agents.", "pytest_asyncio.", "anyio.", "faker.")
"""Plugins whose wide fixtures are made to be built once per process."""

_XUNIT: Final = ("_xunit_", "_unittest_")
"""pytest wraps setup_module, setup_class and their like in fixtures of these names: they are the user's own."""


class WideFixtures:
    """Finds them. `replicate` holds patterns of names that the user allows to be built once per worker."""

    def __init__(self, replicate: Sequence[str]) -> None:
        self._replicate = replicate
        self._harmless: dict[Any, bool] = {}

    def of(self, item: pytest.Item, *, marked: bool) -> tuple[SharedFixture, ...]:
        """The wide fixture instances of `item`.

        An unmarked test's session and package fixtures may be built per worker, as xdist does.
        """
        return tuple(
            SharedFixture(
                name=definition.argname,
                scope=definition.scope,
                key=_key(item, definition),
                replicable=self._is_harmless(item, definition)
                or (not marked and definition.scope in ("session", "package")),
            )
            for definition in _wide_definitions(item)
        )

    def _is_harmless(self, item: pytest.Item, definition: Any) -> bool:
        if definition not in self._harmless:
            self._harmless[definition] = self._judge(item, definition)
        return self._harmless[definition]

    def _judge(self, item: pytest.Item, definition: Any) -> bool:
        name = definition.argname
        if any(fnmatchcase(name, pattern) for pattern in self._replicate):
            return True
        if name.startswith("_unittest_setUpClass"):
            return _has_plain_class_setup(item)
        return not name.startswith(_XUNIT) and _module(definition).startswith(_HARMLESS_MODULES)


def _wide_definitions(item: pytest.Item) -> Iterator[Any]:
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    for name in getattr(item, "fixturenames", ()):
        for definition in _in_use(name, definitions.get(name) or ()):
            if definition.scope != "function":
                yield definition


def _in_use(name: str, definitions: Sequence[Any]) -> Iterator[Any]:
    """The innermost definition, and the ones that it overrides as long as each asks for the next."""
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


def _has_plain_class_setup(item: pytest.Item) -> bool:
    """Every TestCase has a setUpClass; only one that was written for it shares anything."""
    cls = getattr(item, "cls", None)
    return cls is not None and all(
        getattr(getattr(cls, name, None), "__func__", None) is getattr(unittest.TestCase, name).__func__
        for name in ("setUpClass", "tearDownClass")
    )
