from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.cli.mcp.arguments import Selection, words
from pytest_parallel_agents.errors import AgentsError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "tests" / "test_a.py").touch()
    (tmp_path / "secret.py").touch()
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    return root


def test_a_selection_becomes_words_of_pytest(root: Path) -> None:
    ids = ("tests", "tests/test_a.py::test_b[../x -k]", str(root / "tests"))

    assert words(Selection(select=ids, keyword="a and not b", marker="slow"), root) == [
        "-ka and not b",
        "-mslow",
        *ids,
    ]
    assert words(Selection(), root) == []


@pytest.mark.parametrize(
    ("selection", "fault"),
    [
        (Selection(select=("-x",)), "select: -x begins like an option"),
        (Selection(select=("tests", "--pdb")), "select: --pdb begins like an option"),
        (Selection(select=("-pno:terminal",)), "begins like an option"),
        (Selection(select=("@tests/test_a.py",)), "select: @tests/test_a.py begins like an option"),
        (Selection(keyword="-x"), "keyword: -x begins like an option"),
        (Selection(marker="--co"), "marker: --co begins like an option"),
        (Selection(select=("../secret.py",)), "select: ../secret.py is outside of the project"),
        (Selection(select=("/etc/passwd",)), "select: /etc/passwd is outside of the project"),
        (Selection(select=("link.py::test",)), "select: link.py::test is outside of the project"),
        (Selection(select=("tests/test_c.py::test",)), "select: tests/test_c.py::test does not exist"),
        (Selection(select=("tests\0",)), "select holds a null character"),
        (Selection(select=("\x1b[2J",)), r"select: \x1b[2J does not exist"),
    ],
    ids=range(12),
)
def test_nothing_can_be_an_option_or_lead_out_of_the_project(root: Path, selection: Selection, fault: str) -> None:
    with pytest.raises(AgentsError) as refused:
        words(selection, root)

    assert fault in refused.value.message
    assert refused.value.hint
