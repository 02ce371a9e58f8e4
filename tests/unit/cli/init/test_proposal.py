"""Each known tool is proposed to a project that is configured for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.agents.adapters import ADAPTERS
from pytest_parallel_agents.cli.init.layout import find_layout
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.proposal import Proposal, propose

SIGNS = {
    "actionlint": (".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: actionlint\n", {}),
    "bandit": (".bandit", "[bandit]\n", {"paths": ("src",), "args": ("--ini", ".bandit")}),
    "basedpyright": ("pyproject.toml", "[tool.basedpyright]\n", {"paths": ("src",)}),
    "black": ("pyproject.toml", "[tool.black]\n", {}),
    "checkov": (".checkov.yaml", "quiet: true\n", {}),
    "codespell": (".codespellrc", "[codespell]\n", {}),
    "eslint": ("eslint.config.mjs", "", {}),
    "flake8": (".flake8", "[flake8]\n", {}),
    "gitleaks": (".gitleaks.toml", "", {}),
    "hadolint": (".hadolint.yaml", "", {}),
    "isort": (".isort.cfg", "[settings]\n", {}),
    "mypy": ("mypy.ini", "[mypy]\n", {"paths": ("src",)}),
    "pip-audit": (".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: pip-audit\n", {}),
    "pylint": (".pylintrc", "[MAIN]\n", {"paths": ("src",)}),
    "ruff": ("ruff.toml", "", {}),
    "ruff-format": (".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: ruff-format\n", {}),
    "semgrep": (".semgrep.yml", "rules: []\n", {"args": ("--config", ".semgrep.yml")}),
    "shellcheck": (".shellcheckrc", "", {}),
    "trivy": ("trivy.yaml", "", {}),
    "ty": ("pyproject.toml", "[tool.ty.rules]\n", {"paths": ("src",)}),
    "vulture": ("pyproject.toml", '[tool.vulture]\npaths = ["src"]\n', {}),
    "yamllint": (".yamllint", "", {}),
    "zizmor": ("zizmor.yml", "", {}),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "__init__.py").touch()
    return tmp_path


def proposed(root: Path) -> Proposal:
    project = Project(root)
    return propose(project, find_layout(project), ADAPTERS)


@pytest.mark.parametrize("tool", ADAPTERS)
def test_a_tool_that_is_configured(tool: str, root: Path) -> None:
    name, text, expected = SIGNS[tool]
    (root / name).write_text(text, "utf-8")

    (choice,) = [choice for choice in proposed(root).choices if choice.tool == tool]

    assert {key: value for key, value in choice.settings.items() if key != "optional"} == expected
    assert choice.why.startswith(("configured by", "named in"))


def test_a_tool_without_what_it_needs_is_left_out(root: Path) -> None:
    (root / ".semgrepignore").touch()

    proposal = proposed(root)

    assert "semgrep" not in {choice.tool for choice in proposal.choices}
    assert proposal.left_out["semgrep"] == 'it needs rules, to be named with args = ["--config=..."]'
