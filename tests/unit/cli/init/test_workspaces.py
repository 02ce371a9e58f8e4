from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.cli.init.layout import find_layout
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.workspaces import find_members


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("packages/a", "packages/b", "packages/old", "tests/data", ".hidden/c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "pyproject.toml").touch()
    (tmp_path / "packages" / "notes").mkdir()
    (tmp_path / "packages" / "a" / "src" / "a").mkdir(parents=True)
    (tmp_path / "packages" / "a" / "src" / "a" / "__init__.py").touch()
    (tmp_path / "packages" / "b" / "b").mkdir()
    (tmp_path / "packages" / "b" / "b" / "__init__.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "members", "why"),
    [
        (
            '[tool.uv.workspace]\nmembers = ["packages/*", "/abs", "../up"]\nexclude = ["packages/old"]\n',
            ("packages/a", "packages/b"),
            "members of [tool.uv.workspace]",
        ),
        ('[tool.hatch.workspace]\nmembers = ["packages/a"]\n', ("packages/a",), "members of [tool.hatch.workspace]"),
        (
            '[tool.hatch.envs.default.workspace]\nmembers = ["packages/a", {path = "packages/b"}]\n',
            ("packages/a", "packages/b"),
            "members of an environment of Hatch",
        ),
        (
            (
                '[tool.poetry.dependencies]\npython = "^3.11"\na = {path = "packages/a"}\n'
                '[tool.poetry.group.dev.dependencies]\nb = {path = "packages/b", develop = true}\n'
            ),
            ("packages/a", "packages/b"),
            "path dependencies of [tool.poetry]",
        ),
        ("", ("packages/a", "packages/b", "packages/old"), "each has a pyproject.toml"),
        (
            "[tool]\nuv = 3\nhatch.workspace = []\n",
            ("packages/a", "packages/b", "packages/old"),
            "each has a pyproject.toml",
        ),
    ],
)
def test_members(text: str, members: tuple[str, ...], why: str, root: Path) -> None:
    (root / "pyproject.toml").write_text(text, "utf-8")

    assert find_members(Project(root)) == (members, why)


def test_a_single_project_has_none(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()

    assert find_members(Project(tmp_path)) == ((), "")


def test_their_sources_are_judged(root: Path) -> None:
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()

    layout = find_layout(Project(root))

    assert layout.sources == ("shop", "packages/a/src", "packages/b/b")
    assert layout.members == ("packages/a", "packages/b", "packages/old")
