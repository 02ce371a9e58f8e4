"""Each known tool is proposed to a project that is configured for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.cli.init.layout import find_layout
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.proposal import Proposal, propose
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS

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
    "pyright": ("pyrightconfig.json", "{}", {"paths": ("src",)}),
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


HOOKS = """
repos:
- repo: https://github.com/pre-commit/mirrors-mypy
  hooks: [{id: mypy, args: [--strict], additional_dependencies: [types-requests]}]
- repo: local
  hooks:
  - {id: types, entry: mypy --no-strict tests, language: system}
  - {id: lint, entry: pylint --rcfile=ci/pylintrc, language: system, stages: [manual]}
  - {id: spelling, entry: uv run codespell -w -L alog, language: system, exclude: ^src/}
  - {id: style, entry: our-style --all, language: system}
- repo: https://github.com/PyCQA/pydocstyle
  hooks: [{id: pydocstyle, args: [--convention=google]}]
"""


def test_hooks_are_taken_over(root: Path) -> None:
    (root / ".pre-commit-config.yaml").write_text(HOOKS, "utf-8")
    (root / "tox.ini").write_text("[testenv]\ncommands =\n  mypy --ignore-missing-imports src\n  interrogate src\n")

    proposal = proposed(root)

    by_tool = {choice.tool: choice for choice in proposal.choices}
    assert by_tool.keys() == {"codespell", "mypy"}
    assert by_tool["codespell"].settings["args"] == ("-L", "alog", "--skip=./src")
    assert by_tool["codespell"].notes == ("of its hook is left out what a check does not do: -w",)
    assert (by_tool["mypy"].settings["args"], by_tool["mypy"].settings["paths"]) == (("--strict",), ("src",))
    assert by_tool["mypy"].notes == (
        "its hook is installed with types-requests",
        "another hook runs mypy --no-strict tests",
        "tox.ini runs it as mypy --ignore-missing-imports src",
    )
    assert proposal.left_out == {"pylint": "its hook runs only by hand: pylint --rcfile=ci/pylintrc"}
    assert proposal.unknown_tools == ("interrogate", "our-style --all", "pydocstyle --convention=google")


def test_settings_that_a_hook_names_are_not_named_twice(root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool.bandit]\n", "utf-8")
    (root / ".pre-commit-config.yaml").write_text("repos: [{hooks: [{id: bandit, args: [-c, pyproject.toml, -ll]}]}]")

    (choice,) = proposed(root).choices

    assert choice.settings["args"] == ("-c", "pyproject.toml", "-ll")


def test_settings_of_members_are_named(root: Path) -> None:
    (root / "packages" / "a" / "a").mkdir(parents=True)
    (root / "packages" / "a" / "a" / "__init__.py").touch()
    (root / "packages" / "a" / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\n[tool.ruff]\n", "utf-8")
    (root / "pyproject.toml").write_text("[tool.mypy]\n[tool.ruff]\n[tool.uv.workspace]\nmembers = ['packages/*']\n")

    mypy, ruff = proposed(root).choices

    assert mypy.settings["paths"] == ("src", "packages/a/a")
    assert mypy.notes == ('packages/a has settings of its own, which count with cwd = "packages/a": [tool.mypy]',)
    assert ruff.notes == ()


def test_what_is_only_installed_is_no_check(root: Path) -> None:
    proposal = proposed(root)

    assert proposal.choices == ()
    assert {"mypy", "ruff"} <= set(proposal.unused)


def test_projects_that_are_configured_one_by_one(root: Path) -> None:
    for name in ("a", "b"):
        (root / "packages" / name / "src" / name).mkdir(parents=True)
        (root / "packages" / name / "src" / name / "__init__.py").touch()
        settings = "[tool.mypy]\n[tool.ruff]\n[tool.codespell]\n" if name == "a" else "[tool.mypy]\n"
        (root / "packages" / name / "pyproject.toml").write_text(settings, "utf-8")

    codespell, mypy, ruff = proposed(root).choices

    assert codespell.settings == {"each": ("packages/a",), "cwd": "{}"}
    assert mypy.settings == {"each": ("packages/a", "packages/b"), "cwd": "{}", "paths": ("src",)}
    assert mypy.why == "packages/a is configured by [tool.mypy]; packages/b is configured by [tool.mypy]"
    assert (ruff.tool, ruff.settings) == ("ruff", {})


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        ("[tool.pyright]\n", {"pyright"}),
        ("[tool.basedpyright]\n", {"basedpyright"}),
        ('[tool.pyright]\n[dependency-groups]\ndev = ["basedpyright"]\n', {"basedpyright"}),
        ('[tool.pyright]\n[dependency-groups]\ndev = ["pyright"]\n', {"pyright"}),
    ],
)
def test_settings_that_two_tools_read_are_those_of_the_one_in_use(text: str, tools: set[str], root: Path) -> None:
    (root / "pyproject.toml").write_text(text, "utf-8")

    assert {choice.tool for choice in proposed(root).choices} == tools
