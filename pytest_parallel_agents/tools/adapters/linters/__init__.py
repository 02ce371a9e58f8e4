"""Linters, for every language: each in a small module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_parallel_agents.tools.adapters.adapter import Adapter
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

LINTERS: Final[Mapping[str, Adapter]] = {
    "actionlint": ACTIONLINT,
    "codespell": CODESPELL,
    "eslint": ESLINT,
    "flake8": FLAKE8,
    "hadolint": HADOLINT,
    "pylint": PYLINT,
    "ruff": RUFF,
    "shellcheck": SHELLCHECK,
    "vulture": VULTURE,
    "yamllint": YAMLLINT,
}
