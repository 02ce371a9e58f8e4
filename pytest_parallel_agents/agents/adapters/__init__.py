"""The tools that need no command in the configuration: one small module each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.adapters.bandit import BANDIT
from pytest_parallel_agents.agents.adapters.mypy import MYPY
from pytest_parallel_agents.agents.adapters.ruff import RUFF

ADAPTERS: Mapping[str, Adapter] = {"bandit": BANDIT, "mypy": MYPY, "ruff": RUFF}


def known_adapters(config: pytest.Config) -> Mapping[str, Adapter]:
    """Ours and those that plugins register, which replace ours of the same name."""
    registered = config.hook.pytest_agents_adapters(config=config)
    return {**ADAPTERS, **{adapter.name: adapter for adapters in registered for adapter in adapters}}
