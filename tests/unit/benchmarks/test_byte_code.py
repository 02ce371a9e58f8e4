from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.byte_code import ByteCode, finding
from benchmarks.rounds import Competitor, run_once

IMPORT = "import sys; sys.path.insert(0, '.'); import code_of_project"


@pytest.fixture
def competitor(tmp_path: Path) -> Callable[[ByteCode], Competitor]:
    (tmp_path / "package").mkdir()
    (tmp_path / "code_of_project.py").write_text("")

    def make(byte_code: ByteCode) -> Competitor:
        plain = Competitor(name="a", folder=tmp_path, commands=[(sys.executable, "-c", IMPORT)], prepare=_note)
        [found] = finding(byte_code, [plain])
        return found

    return make


def _note(folder: Path) -> None:
    with (folder / "prepared").open("a") as file:
        file.write("x")


def _left(folder: Path) -> list[str]:
    return [file.parent.name for file in folder.rglob("*.pyc")]


@pytest.mark.parametrize(
    ("byte_code", "found", "left"),
    [
        (ByteCode.WARM, ["__pycache__", "__pycache__"], ["__pycache__", "__pycache__"]),
        (ByteCode.COLD, [], ["__pycache__"]),
        (ByteCode.NONE, [], []),
    ],
)
def test_each_run_finds_and_leaves_what_its_kind_says(
    competitor: Callable[[ByteCode], Competitor],
    tmp_path: Path,
    byte_code: ByteCode,
    found: list[str],
    left: list[str],
) -> None:
    run_once(competitor(ByteCode.WARM))
    (tmp_path / "package" / "__pycache__").mkdir()
    (tmp_path / "package" / "__pycache__" / "old.pyc").touch()
    each = competitor(byte_code)
    each.prepare(tmp_path)
    assert _left(tmp_path) == found
    run_once(each)
    assert _left(tmp_path) == left
    assert (tmp_path / "prepared").read_text() == "xxx"  # its own preparation goes on
