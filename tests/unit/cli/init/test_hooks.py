from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.cli.init.hooks import FILE, Hook, find_hooks
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.errors import AgentsError


def hooks(tmp_path: Path, text: str) -> tuple[Hook, ...]:
    (tmp_path / FILE).write_text(text, "utf-8")
    return find_hooks(Project(tmp_path))


def test_all_arguments_of_a_hook(tmp_path: Path) -> None:
    text = """
    repos:
      - repo: https://github.com/pre-commit/mirrors-mypy
        rev: v1.18.1
        hooks:
          - id: mypy
            args: [--strict, --python-version, 3.11]
            files: ^pkg/
            exclude: ^pkg/old/
            additional_dependencies: ["types-requests"]
            pass_filenames: false
            types: [python]
            exclude_types: [pyi]
    exclude: _pb2
    """

    assert hooks(tmp_path, text) == (
        Hook(
            id="mypy",
            program="mypy",
            args=("--strict", "--python-version", "3.11"),
            files=("^pkg/",),
            excludes=("^pkg/old/", "_pb2"),
            types=("python", "!pyi"),
            beside=("types-requests",),
            finds_files=True,
        ),
    )


@pytest.mark.parametrize(
    ("entry", "program", "args"),
    [
        ("pylint --rcfile=ci/pylintrc", "pylint", ("--rcfile=ci/pylintrc",)),
        ("uv run mypy --strict", "mypy", ("--strict",)),
        ("uv run --frozen mypy", "mypy", ()),
        ("poetry run ruff check --fix", "ruff-check", ("--fix",)),
        ("python3 -m mypy src", "mypy", ("src",)),
        (".venv/bin/python -m bandit -ll", "bandit", ("-ll",)),
        (".venv/bin/pylint", "pylint", ()),
        ("npx eslint", "eslint", ()),
        ("bash -c 'mypy src'", "bash", ("-c", "mypy src")),
        ("it's", "it's", ()),
    ],
)
def test_the_program_of_a_local_hook(entry: str, program: str, args: tuple[str, ...], tmp_path: Path) -> None:
    text = f'repos: [{{repo: local, hooks: [{{id: lint, language: system, entry: "{entry}"}}]}}]'

    (hook,) = hooks(tmp_path, text)

    assert (hook.id, hook.program, hook.args) == ("lint", program, args)


@pytest.mark.parametrize(
    ("keys", "by_hand"), [("", False), (", stages: [manual]", True), (", stages: [manual, pre-push]", False)]
)
def test_hooks_that_run_by_hand(keys: str, by_hand: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    (hook,) = hooks(tmp_path, f"repos: [{{hooks: [{{id: mypy{keys}}}]}}]")

    assert hook.by_hand is by_hand


def test_the_arguments_of_a_hook_that_names_none(tmp_path: Path) -> None:
    repo = "https://github.com/pre-commit/mirrors-mypy"
    default, none = hooks(tmp_path, f"repos: [{{repo: '{repo}', hooks: [{{id: mypy}}, {{id: mypy, args: []}}]}}]")

    assert (default.args, none.args) == (("--ignore-missing-imports", "--scripts-are-modules"), ())


@pytest.mark.parametrize(
    "text", ["", "repos:", "repos: 3", "[]", "repos: [3]", "repos: [{hooks: 3}]", "repos: [{hooks: [3, {}]}]"]
)
def test_what_holds_no_hooks(text: str, tmp_path: Path) -> None:
    assert hooks(tmp_path, text) == ()


@pytest.mark.parametrize("text", ["repos: [", "a: !!python/object:os.system x", "a: \x00"])
def test_a_broken_file_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(AgentsError, match=r"\.pre-commit-config\.yaml is not valid YAML"):
        hooks(tmp_path, text)
