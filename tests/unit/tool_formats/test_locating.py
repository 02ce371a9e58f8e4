from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats.locating import Locator, path_map


def locator(root: Path, **prefixes: object) -> Locator:
    table = Table({"path-map": prefixes}, where="x.toml: t", faults=[])
    found = Locator(root, path_map(table))
    table.done()
    assert table.faults == []
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src" / "b").mkdir(parents=True)
    for name in ("a.py", "b/c.py", "a%20b.py", "a b.py"):
        (tmp_path / "src" / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/../src/a.py", "src/a.py"),
        ("{root}/src/a.py", "src/a.py"),
        (r"src\b\c.py", "src/b/c.py"),
        (r".\src\a.py", "src/a.py"),
        ("b/src/a.py", "src/a.py"),
        ("a/src/a.py", "src/a.py"),
        ("b/src/gone.py", "b/src/gone.py"),
        ("src/gone.py", "src/gone.py"),
        (r"src\gone.py", "src/gone.py"),
        ("/elsewhere/a.py", "/elsewhere/a.py"),
        ("src/a%20b.py", "src/a%20b.py"),
    ],
)
def test_paths(written: str, path: str, root: Path) -> None:
    assert locator(root).path(written.format(root=root)) == path


def test_a_path_that_exists_is_taken_as_it_stands(root: Path) -> None:
    (root / "b").mkdir()
    (root / "b" / "a.py").touch()
    (root / "a.py").touch()

    assert locator(root).path("b/a.py") == "b/a.py"


def test_later_spellings_count_where_the_first_does_not_exist(root: Path) -> None:
    assert locator(root).path("src/a%20b.py", "src/a b.py") == "src/a%20b.py"
    assert locator(root).path("src/%61.py", "src/a.py") == "src/a.py"
    assert locator(root).path("src/%78.py", "src/x.py") == "src/x.py"


@pytest.mark.parametrize(
    ("prefixes", "written", "path"),
    [
        ({"/clone": "."}, "/clone/src/a.py", "src/a.py"),
        ({"/clone/": "."}, "/clone/src/a.py", "src/a.py"),
        ({"/clone": "."}, "/clones/src/a.py", "/clones/src/a.py"),
        ({"/clone": ".", "/clone/lib": "src"}, "/clone/lib/a.py", "src/a.py"),
        ({"/clone": "src"}, "/clone", "src"),
        ({"/": "."}, "/src/a.py", "src/a.py"),
        ({"build": "src"}, "build/a.py", "src/a.py"),
        ({r"C:\clone": "."}, r"C:\clone\src\a.py", "src/a.py"),
        ({"C:/clone": "."}, r"C:\clone\src\gone.py", "src/gone.py"),
        ({"/clone": "/elsewhere"}, "/clone/a.py", "/elsewhere/a.py"),
    ],
)
def test_folders_that_stand_for_others(prefixes: dict[str, object], written: str, path: str, root: Path) -> None:
    assert locator(root, **prefixes).path(written) == path


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("/clone", 'x.toml: t.path-map must be a table, not "/clone"'),
        ({"/clone": 1}, 'x.toml: t.path-map."/clone" must be a string, not 1'),
    ],
)
def test_faults(value: object, fault: str) -> None:
    table = Table({"path-map": value}, where="x.toml: t", faults=[])

    path_map(table)

    assert [str(told) for told in table.faults] == [fault]


def test_no_path_is_none(tmp_path: Path) -> None:
    assert locator(tmp_path).finding(message="m", paths=("",), line=3).path is None
