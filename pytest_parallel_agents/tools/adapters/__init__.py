"""The tools that need no command in the configuration: one small module each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_parallel_agents.tools.adapters.actionlint import ACTIONLINT
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.bandit import BANDIT
from pytest_parallel_agents.tools.adapters.basedpyright import BASEDPYRIGHT
from pytest_parallel_agents.tools.adapters.black import BLACK
from pytest_parallel_agents.tools.adapters.checkov import CHECKOV
from pytest_parallel_agents.tools.adapters.codespell import CODESPELL
from pytest_parallel_agents.tools.adapters.eslint import ESLINT
from pytest_parallel_agents.tools.adapters.flake8 import FLAKE8
from pytest_parallel_agents.tools.adapters.gitleaks import GITLEAKS
from pytest_parallel_agents.tools.adapters.hadolint import HADOLINT
from pytest_parallel_agents.tools.adapters.isort import ISORT
from pytest_parallel_agents.tools.adapters.mypy import MYPY
from pytest_parallel_agents.tools.adapters.pip_audit import PIP_AUDIT
from pytest_parallel_agents.tools.adapters.pylint import PYLINT
from pytest_parallel_agents.tools.adapters.pyright import PYRIGHT
from pytest_parallel_agents.tools.adapters.ruff import RUFF
from pytest_parallel_agents.tools.adapters.ruff_format import RUFF_FORMAT
from pytest_parallel_agents.tools.adapters.semgrep import SEMGREP
from pytest_parallel_agents.tools.adapters.shellcheck import SHELLCHECK
from pytest_parallel_agents.tools.adapters.trivy import TRIVY
from pytest_parallel_agents.tools.adapters.ty import TY
from pytest_parallel_agents.tools.adapters.vulture import VULTURE
from pytest_parallel_agents.tools.adapters.yamllint import YAMLLINT
from pytest_parallel_agents.tools.adapters.zizmor import ZIZMOR

_BUILT_IN = (
    ACTIONLINT,
    BANDIT,
    BASEDPYRIGHT,
    BLACK,
    CHECKOV,
    CODESPELL,
    ESLINT,
    FLAKE8,
    GITLEAKS,
    HADOLINT,
    ISORT,
    MYPY,
    PIP_AUDIT,
    PYLINT,
    PYRIGHT,
    RUFF,
    RUFF_FORMAT,
    SEMGREP,
    SHELLCHECK,
    TRIVY,
    TY,
    VULTURE,
    YAMLLINT,
    ZIZMOR,
)
ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in _BUILT_IN}


def known_adapters(config: pytest.Config) -> Mapping[str, Adapter]:
    """Ours and those that plugins register, which replace ours of the same name."""
    registered = config.hook.pytest_agents_adapters(config=config)
    return {**ADAPTERS, **{adapter.name: adapter for adapters in registered for adapter in adapters}}
