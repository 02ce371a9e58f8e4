from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_parallel_agents import hookspecs
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.formatters import FORMATTERS
from pytest_parallel_agents.tools.adapters.linters import LINTERS
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS, known_adapters
from pytest_parallel_agents.tools.adapters.security import SCANNERS
from pytest_parallel_agents.tools.adapters.type_checkers import TYPE_CHECKERS


class House:
    """A plugin with an adapter of its own and another ruff."""

    adapters = (replace(ADAPTERS["ruff"], name="house"), replace(ADAPTERS["ruff"], install="uv add ruff"))

    def pytest_agents_adapters(self) -> tuple[Adapter, ...]:
        return self.adapters


def test_plugins_add_adapters_and_replace_ours() -> None:
    manager = pytest.PytestPluginManager()
    manager.add_hookspecs(hookspecs)
    manager.register(House())

    known = known_adapters(pytest.Config(manager))

    assert known == {**ADAPTERS, "house": House.adapters[0], "ruff": House.adapters[1]}


def test_every_adapter_is_known_by_its_name() -> None:
    folders = (LINTERS, TYPE_CHECKERS, FORMATTERS, SCANNERS)

    assert {name: adapter.name for name, adapter in ADAPTERS.items()} == {name: name for name in ADAPTERS}
    assert len(ADAPTERS) == sum(map(len, folders))
