from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.cli.init.hooks import find_hooks
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.signs import commands_of, settings_of, uses_of
from pytest_parallel_agents.cli.init.tool_traits import TOOL_TRAITS, USUAL


@pytest.mark.parametrize(
    ("tool", "name", "text", "place"),
    [
        ("ruff", "pyproject.toml", "[tool.ruff]\n", "[tool.ruff]"),
        ("ruff", "ruff.toml", "", "ruff.toml"),
        ("mypy", "mypy.ini", "[mypy]\n", "mypy.ini"),
        ("mypy", "setup.cfg", "[mypy-tests.*]\n", "[mypy-tests.*] of setup.cfg"),
        ("pylint", ".pylintrc", "", ".pylintrc"),
        ("eslint", "eslint.config.mjs", "", "eslint.config.mjs"),
        ("eslint", ".eslintrc", "", ".eslintrc"),
        ("basedpyright", "pyrightconfig.json", "{} // c", "pyrightconfig.json"),
        ("never-seen", ".never-seen.yml", "", ".never-seen.yml"),
    ],
)
def test_settings(tool: str, name: str, text: str, place: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    found = settings_of(tool, TOOL_TRAITS.get(tool, USUAL), Project(tmp_path))

    assert [configured.place for configured in found] == [place]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        (".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: mypy\n", "a hook of .pre-commit-config.yaml"),
        ("pyproject.toml", '[dependency-groups]\nx = ["MyPy>=1"]\n', "the dependency group x"),
        ("pyproject.toml", '[project.optional-dependencies]\nx = ["mypy[faster]"]\n', "the extra x"),
        ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\nmypy = "*"\n', "[tool.poetry]"),
        ("pyproject.toml", '[tool.hatch.envs.types]\ndependencies = ["mypy"]\n', "[tool.hatch]"),
        ("setup.cfg", "[options.extras_require]\ndev =\n  x\n  mypy>1\n", "the extra dev"),
        ("dev-requirements.txt", "mypy==1 \\\n --hash=x\n", "dev-requirements.txt"),
        ("package.json", '{"devDependencies": {"mypy": "1"}}', "package.json"),
        ("tox.ini", "[testenv:t]\ncommands = mypy src\n", "tox.ini"),
        ("noxfile.py", 'session.install("mypy")\n', "noxfile.py"),
    ],
)
def test_uses(name: str, text: str, place: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    project = Project(tmp_path)

    assert uses_of("mypy", project, find_hooks(project)) == (place,)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".pre-commit-config.yaml", "repos:\n- hooks:\n  # - id: ruff\n  - id: ruff-format\n"),
        ("pyproject.toml", '[project]\ndependencies = ["ruff-lsp"]\n[dependency-groups]\nx = ["ruff-api"]\n'),
        ("tox.ini", "[testenv]\n# ruff\ndeps = ruff-lsp\ncommands = cat ruff.toml\n"),
        ("pyproject.toml", "[dependency-groups]\nx = 3\n[tool]\npoetry = 1\npdm = 2\nuv = []\nhatch.envs = 3\n"),
        ("package.json", "not json"),
    ],
)
def test_what_only_looks_like_a_use(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    project = Project(tmp_path)

    assert uses_of("ruff", project, find_hooks(project)) == ()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("tox.ini", "commands = mypy --strict src"),
        ("Makefile", "\tpython -m mypy src --strict"),
        ("noxfile.py", '    session.run("mypy", "--strict", "src")'),
    ],
)
def test_commands_with_arguments(name: str, line: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(f"# mypy --old\nmypy\n{line}\nrm -r mypy\n", "utf-8")

    assert list(commands_of("mypy", Project(tmp_path))) == [f"{name} runs it as {line.strip()}"]
