from __future__ import annotations

import random
from pathlib import Path

import pytest

from pytest_parallel_agents import code_origin


@pytest.mark.parametrize(
    ("path", "is_projects"),
    [
        (__file__, True),
        (pytest.__file__, False),
        (random.__file__, False),
        (code_origin.__file__, False),
        ("<frozen importlib._bootstrap>", False),
        ("<string>", False),
        ("", False),
    ],
    ids=["a test", "installed", "the interpreter's", "our own", "frozen", "made at run time", "none"],
)
def test_whose_file_it_is(path: str, *, is_projects: bool) -> None:
    assert code_origin.is_project_file(path) is is_projects


def test_a_module_is_of_its_package_and_of_no_namesake() -> None:
    assert code_origin.is_of("xdist", "os", "xdist")
    assert code_origin.is_of("xdist.plugin", "os", "xdist")
    assert not code_origin.is_of("xdistant", "os", "xdist")


def test_installed_folders_come_before_those_that_hold_them() -> None:
    folders = [Path(folder) for folder in code_origin.installed_folders()]
    for place, folder in enumerate(folders):
        assert not any(inner.is_relative_to(folder) and inner != folder for inner in folders[place + 1 :])
