"""The project's paths on a machine where it is in another folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_parallel_agents.transports.remote.moved_paths import MovedPaths

MOVED = MovedPaths(Path("/home/me/shop"), "/srv/shop")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/home/me/shop", "/srv/shop"),
        ("/home/me/shop/tests/test_a.py::test_b[/x]", "/srv/shop/tests/test_a.py::test_b[/x]"),
        ("--rootdir=/home/me/shop", "--rootdir=/srv/shop"),
        ("-o pythonpath=/home/me/shop/src:/home/me/shop", "-o pythonpath=/srv/shop/src:/srv/shop"),
        ("/home/me/shop2/a", "/home/me/shop2/a"),
        ("/backup/home/me/shop", "/backup/home/me/shop"),
        ("tests", "tests"),
    ],
)
def test_a_text(before: str, after: str) -> None:
    assert MOVED.text(before) == after


def test_of_the_search_path_the_project_has_its_own() -> None:
    moved = MovedPaths(Path(sys.prefix).parent, "/there")
    here = Path(sys.prefix).parent

    assert moved.search_path([str(here / "src"), f"{sys.prefix}/lib/site-packages", "/usr/lib/python3", ""]) == [
        "/there/src"
    ]
