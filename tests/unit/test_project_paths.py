from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pytest_parallel_agents.project_paths import place, project_place


@pytest.mark.parametrize("path", ["src/a.py", "./src/a.py", "src/../src/a.py", "{root}/src/a.py"])
def test_paths_inside_the_root_are_relative(path: str, tmp_path: Path) -> None:
    assert place(path.format(root=tmp_path), tmp_path) == "src/a.py"


def test_paths_outside_the_root_are_absolute(tmp_path: Path) -> None:
    root = tmp_path / "project"

    assert place("../other/a.py", root) == (tmp_path / "other/a.py").as_posix()
    assert place(tmp_path / "project-2/a.py", root) == (tmp_path / "project-2/a.py").as_posix()


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_root_behind_a_symbolic_link_is_understood(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)

    assert place(real / "a.py", link) == "a.py"
    assert place(link / "a.py", real) == "a.py"


def test_files_of_the_project_have_a_place(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()

    assert project_place(str(tmp_path / "a.py"), tmp_path) == "a.py"


def test_code_that_is_no_file_has_no_place(tmp_path: Path) -> None:
    assert project_place("<string>", tmp_path) is None


def test_libraries_have_no_place_even_below_the_root(tmp_path: Path) -> None:
    library = tmp_path / ".venv/lib/python3/site-packages/lib.py"
    library.parent.mkdir(parents=True)
    library.touch()

    assert project_place(str(library), tmp_path) is None
    assert project_place(json.__file__, tmp_path) is None


def test_a_python_below_the_root_has_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    module = tmp_path / "env/lib/module.py"
    module.parent.mkdir(parents=True)
    module.touch()

    assert project_place(str(module), tmp_path) is None


def test_a_root_below_the_python_has_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    root = tmp_path / "app"
    root.mkdir()
    (root / "a.py").touch()

    assert project_place(str(root / "a.py"), root) == "a.py"
