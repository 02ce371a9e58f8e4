"""Tools that a project uses and that have no adapter: they are named, so that they are not taken for covered."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from typing import Final

from pytest_parallel_agents.cli.init.hooks import Hook
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.signs import settings_of, uses_of
from pytest_parallel_agents.cli.init.tool_traits import ToolTraits

_OTHERS: Final = (
    *(
        "actionlint",
        "autoflake",
        "autopep8",
        "bandit",
        "black",
        "blacken-docs",
        "check-manifest",
        "checkov",
        "codespell",
    ),
    *("deptry", "detect-secrets", "djlint", "doc8", "docformatter", "eslint", "flake8", "gitleaks", "hadolint"),
    *(
        "import-linter",
        "interrogate",
        "isort",
        "mypy",
        "pip-audit",
        "prettier",
        "pycodestyle",
        "pydoclint",
        "pydocstyle",
    ),
    *("pyflakes", "pylint", "pyre-check", "pyroma", "pytype", "pyupgrade", "radon", "refurb", "rstcheck"),
    *(
        "ruff",
        "safety",
        "semgrep",
        "shellcheck",
        "slotscheck",
        "sqlfluff",
        "trivy",
        "ty",
        "typos",
        "validate-pyproject",
    ),
    *("vulture", "xenon", "yamllint", "yapf", "zizmor"),
)
"""Programs that judge code, and are named in requirements and scripts."""

_TRAITS: Final = ToolTraits()


def unknown_tools(project: Project, known: Collection[str], hooks: tuple[Hook, ...]) -> tuple[str, ...]:
    """The tools in use that are not known, with the arguments that hooks give them, in alphabetic order."""
    unknown = [hook for hook in hooks if not any(hook.runs(tool) for tool in known)]
    hooked = {hook.program for hook in unknown}
    others = (tool for tool in _OTHERS if tool not in known and tool not in hooked)
    used = (tool for tool in others if uses_of(tool, project, ()) or settings_of(tool, _TRAITS, project))
    return tuple(sorted({*(shlex.join((hook.program, *hook.args)) for hook in unknown), *used}))
