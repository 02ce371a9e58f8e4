from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.projects import install_arguments


def test_a_project_that_declares_nothing_is_installed_alone(tmp_path: Path) -> None:
    assert install_arguments(tmp_path) == ["--editable", str(tmp_path)]


def test_an_extra_is_installed_with_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project.optional-dependencies]\ntesting = ["pytest"]\n')
    assert install_arguments(tmp_path) == ["--editable", f"{tmp_path}[testing]"]


def test_the_first_usual_name_wins(tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[dependency-groups]\ndev = ["ruff"]\ntests = ["pytest"]\ndocs = []\n')
    assert install_arguments(tmp_path) == ["--editable", str(tmp_path), f"--group={pyproject}:tests"]


@pytest.mark.parametrize("file", ["requirements/tests.txt", "requirements-tests.txt", "tests/requirements.txt"])
def test_requirements_files_are_found_in_the_usual_places(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("pytest\n")
    assert install_arguments(tmp_path) == ["--editable", str(tmp_path), f"--requirement={path}"]
