from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.cli.init.layout import find_layout
from pytest_parallel_agents.cli.init.project import Project, find_project


def write(root: Path, *names: str, **texts: str) -> Project:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    for name, text in texts.items():
        (root / name.replace("__", ".")).write_text(text, "utf-8")
    return Project(root)


@pytest.mark.parametrize(
    ("files", "sources", "why"),
    [
        (["src/shop/__init__.py", "tool.py", "shop/__init__.py"], ("src",), "src layout"),
        (["shop/__init__.py", "setup.py", "docs/conf.py", "tests/__init__.py"], ("shop",), "package"),
        (["a/__init__.py", "b/__init__.py", "src/native.c"], ("a", "b"), "packages"),
        (["lib/shop/__init__.py"], ("lib",), "lib layout"),
        (["lib/__init__.py"], ("lib",), "package"),
        (["space/part/__init__.py"], ("space",), "namespace package"),
        (["space/sub/part/__init__.py", "a/__init__.py"], ("a", "space"), "package and namespace package"),
        (["shop.py", "setup.py", "conftest.py", "test_shop.py"], ("shop.py",), "module"),
        (["pkg/__init__.py", ".venv/x/__init__.py", "env3/pyvenv.cfg", "env3/x/__init__.py"], ("pkg",), "package"),
        (["README.md"], (), ""),
    ],
)
def test_sources(files: list[str], sources: tuple[str, ...], why: str, tmp_path: Path) -> None:
    layout = find_layout(write(tmp_path, *files))

    assert (layout.sources, layout.sources_why) == (sources, why)


def test_a_project_may_be_called_as_other_folders_are(tmp_path: Path) -> None:
    project = write(tmp_path, "tools/__init__.py", pyproject__toml='[project]\nname = "Tools"\n')

    assert find_layout(project).sources == ("tools",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = "checks"\n'),
        ("pyproject.toml", '[tool.pytest]\ntestpaths = ["chec*"]\n'),
        ("pytest.toml", '[pytest]\ntestpaths = ["checks"]\n'),
        ("setup.cfg", "[tool:pytest]\ntestpaths =\n    checks\n"),
        ("tox.ini", "[pytest]\ntestpaths = checks gone\n"),
    ],
)
def test_tests_where_pytests_settings_name_them(name: str, text: str, tmp_path: Path) -> None:
    project = write(tmp_path, "checks/test_a.py", "tests/test_b.py", "checks/__init__.py", **{name: text})

    layout = find_layout(project)

    assert (layout.tests, layout.tests_why) == (("checks",), f"testpaths of {name}")
    assert layout.sources == ()


def test_tests_in_the_usual_folder_or_beside_the_source(tmp_path: Path) -> None:
    beside = find_layout(write(tmp_path, "shop/__init__.py", "shop/test_shop.py"))
    usual = find_layout(write(tmp_path, "test/test_shop.py"))

    assert (beside.tests, beside.tests_why) == ((), "beside the source")
    assert (usual.tests, usual.tests_why) == (("test",), "the usual folder")


def test_the_root_is_the_one_that_pytest_finds(tmp_path: Path) -> None:
    write(tmp_path, "sub/deep/x.py", "sub/pyproject.toml", "pyproject.toml")
    assert find_project(tmp_path / "sub" / "deep").root == tmp_path / "sub"

    write(tmp_path, "pytest.ini")
    assert find_project(tmp_path / "sub" / "deep").root == tmp_path
