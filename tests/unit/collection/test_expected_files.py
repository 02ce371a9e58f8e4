"""What pytest is expected to collect is what it collects, where no conftest interferes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.collection.expected_files import expected_files
from pytest_parallel_agents.compat.early_selection import early_selection
from tests.functional.runs import LIGHT

FILES = (
    *("test_a.py", "b_test.py", "helper.py", "tests/__init__.py", "tests/test_b.py", "tests/deep/conftest.py"),
    *("tests/deep/test_c.py", "tests/deep/aa/test_d.py", "build/test_e.py", ".hidden/test_f.py", "given.py"),
    *("venv/pyvenv.cfg", "venv/test_g.py", "other/test_h.py", "other/check_i.py", "__pycache__/test_j.py"),
    *("tests/zz_test.py", "tests/data/test_k.txt"),
)


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["tests"],
        ["tests/deep", "tests/test_b.py::test_it", "given.py"],
        ["--ignore=tests/deep", "--ignore-glob=*_b.py"],
        ["-o", "python_files=check_*.py other/test_*.py"],
        ["-o", "testpaths=other tests/deep"],
        ["-o", "norecursedirs=deep other"],
        ["--collect-in-virtualenv"],
        ["--import-mode=importlib"],
    ],
)
def test_the_same_files_in_the_same_order(pytester: pytest.Pytester, args: list[str]) -> None:
    for name in FILES:
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def test_it(): pass\n" if "test_" in name or name == "given.py" else "", "utf-8")
        if path.name in ("b_test.py", "zz_test.py", "check_i.py"):
            path.write_text("def test_it(): pass\n", "utf-8")
    config = pytester.parseconfig(*args)

    expected = [file for file in expected_files(early_selection(config)) if not file.endswith("conftest.py")]

    items, _ = pytester.inline_genitems(*LIGHT, "--import-mode=importlib", *args)
    collected = dict.fromkeys(str(item.path) for item in items)
    assert expected == list(collected)
    assert expected


def test_conftests_come_before_what_they_are_for(pytester: pytest.Pytester) -> None:
    for name in ("conftest.py", "aa.py", "test_a.py", "in/conftest.py", "in/a_test.py", "in/deep/test_x.py"):
        (pytester.path / name).parent.mkdir(parents=True, exist_ok=True)
        (pytester.path / name).touch()

    found = expected_files(early_selection(pytester.parseconfig("in/deep/test_x.py", "in")))

    names = ["conftest.py", "in/conftest.py", "in/deep/test_x.py", "in/a_test.py"]
    assert [Path(file).relative_to(pytester.path).as_posix() for file in found] == names
