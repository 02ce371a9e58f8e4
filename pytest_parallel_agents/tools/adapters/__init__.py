"""The tools that need no command in the configuration: one small module each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.formatters.black import BLACK
from pytest_parallel_agents.tools.adapters.formatters.isort import ISORT
from pytest_parallel_agents.tools.adapters.formatters.ruff_format import RUFF_FORMAT
from pytest_parallel_agents.tools.adapters.linters.actionlint import ACTIONLINT
from pytest_parallel_agents.tools.adapters.linters.codespell import CODESPELL
from pytest_parallel_agents.tools.adapters.linters.eslint import ESLINT
from pytest_parallel_agents.tools.adapters.linters.flake8 import FLAKE8
from pytest_parallel_agents.tools.adapters.linters.hadolint import HADOLINT
from pytest_parallel_agents.tools.adapters.linters.pylint import PYLINT
from pytest_parallel_agents.tools.adapters.linters.ruff import RUFF
from pytest_parallel_agents.tools.adapters.linters.shellcheck import SHELLCHECK
from pytest_parallel_agents.tools.adapters.linters.vulture import VULTURE
from pytest_parallel_agents.tools.adapters.linters.yamllint import YAMLLINT
from pytest_parallel_agents.tools.adapters.security.bandit import BANDIT
from pytest_parallel_agents.tools.adapters.security.checkov import CHECKOV
from pytest_parallel_agents.tools.adapters.security.gitleaks import GITLEAKS
from pytest_parallel_agents.tools.adapters.security.pip_audit import PIP_AUDIT
from pytest_parallel_agents.tools.adapters.security.semgrep import SEMGREP
from pytest_parallel_agents.tools.adapters.security.trivy import TRIVY
from pytest_parallel_agents.tools.adapters.security.zizmor import ZIZMOR
from pytest_parallel_agents.tools.adapters.type_checkers.basedpyright import BASEDPYRIGHT
from pytest_parallel_agents.tools.adapters.type_checkers.mypy import MYPY
from pytest_parallel_agents.tools.adapters.type_checkers.pyright import PYRIGHT
from pytest_parallel_agents.tools.adapters.type_checkers.ty import TY

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
