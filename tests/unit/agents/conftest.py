from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.agents.adapters import ADAPTERS
from pytest_parallel_agents.agents.command import CommandSpec
from pytest_parallel_agents.agents.configured import parse_agents
from pytest_parallel_agents.agents.kinds import AGENTS
from pytest_parallel_agents.tables import Table

SpecOf = Callable[..., CommandSpec]


@pytest.fixture
def spec_of(tmp_path: Path) -> SpecOf:
    """Makes the command of one faultless table from its name and keys, whose underscores stand for dashes."""

    def make(name: str = "tool", **keys: object) -> CommandSpec:
        entry = {key.replace("_", "-"): value for key, value in keys.items()}
        table = Table({name: entry}, where="x.toml: agents", faults=[])
        (spec,) = parse_agents(table, ADAPTERS, kinds=AGENTS, root=tmp_path)
        assert table.faults == []
        return spec

    return make


@pytest.fixture
def item(pytester: pytest.Pytester) -> pytest.Item:
    """A fresh item that nobody runs."""
    return pytester.getitem("def test_it(): pass", "test_it")
