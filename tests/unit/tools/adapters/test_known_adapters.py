from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_parallel_agents import hookspecs
from pytest_parallel_agents.tools.adapters import ADAPTERS, known_adapters
from pytest_parallel_agents.tools.adapters.adapter import Adapter


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
