"""The tools that need no command in the configuration: one small module each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.adapters.bandit import BANDIT
from pytest_parallel_agents.agents.adapters.basedpyright import BASEDPYRIGHT
from pytest_parallel_agents.agents.adapters.codespell import CODESPELL
from pytest_parallel_agents.agents.adapters.eslint import ESLINT
from pytest_parallel_agents.agents.adapters.mypy import MYPY
from pytest_parallel_agents.agents.adapters.pip_audit import PIP_AUDIT
from pytest_parallel_agents.agents.adapters.pylint import PYLINT
from pytest_parallel_agents.agents.adapters.ruff import RUFF
from pytest_parallel_agents.agents.adapters.semgrep import SEMGREP
from pytest_parallel_agents.agents.adapters.ty import TY
from pytest_parallel_agents.agents.adapters.vulture import VULTURE

_BUILT_IN = (BANDIT, BASEDPYRIGHT, CODESPELL, ESLINT, MYPY, PIP_AUDIT, PYLINT, RUFF, SEMGREP, TY, VULTURE)
ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in _BUILT_IN}


def known_adapters(config: pytest.Config) -> Mapping[str, Adapter]:
    """Ours and those that plugins register, which replace ours of the same name."""
    registered = config.hook.pytest_agents_adapters(config=config)
    return {**ADAPTERS, **{adapter.name: adapter for adapters in registered for adapter in adapters}}
