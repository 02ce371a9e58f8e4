from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tools.stdin import Stdin
from pytest_parallel_agents.tools.touched_lines import TouchedLines, is_all_demoted, touched_lines
from tests.repositories import commit_all, git


def finding(path: str | None, line: int | None = None, end_line: int | None = None) -> Finding:
    return Finding(rule="r", level=Level.ERROR, message="m", path=path, line=line, end_line=end_line)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One commit on the branch `start`; since then lines were added, removed and moved."""
    numbered = "".join(f"line {number}\n" for number in range(1, 21))
    for name in ("added.py", "removed.py", "old name.py", "same.py"):
        (tmp_path / name).write_text(numbered)
    (tmp_path / "gone.py").write_text("another text\n" * 5)
    (tmp_path / "moved.py").write_text("the same text\n" * 5)
    (tmp_path / "image.png").write_bytes(b"\0")
    (tmp_path / "made.py").write_text(numbered)
    (tmp_path / ".gitattributes").write_text("made.py -diff\n")
    commit_all(tmp_path)
    (tmp_path / "added.py").write_text(numbered.replace("line 5\n", "line 5\n-- x\nmore\n"))
    (tmp_path / "removed.py").write_text(numbered.replace("line 5\nline 6\n", ""))
    git(tmp_path, "mv", "old name.py", "new name.py")
    (tmp_path / "new name.py").write_text(numbered.replace("line 20\n", "changed\n"))
    git(tmp_path, "rm", "--quiet", "gone.py")
    git(tmp_path, "mv", "moved.py", "moved here.py")
    (tmp_path / "image.png").write_bytes(b"\1\0")
    (tmp_path / "made.py").write_text(numbered.upper())
    return tmp_path


def touched(root: Path, *paths: str) -> TouchedLines:
    lines = touched_lines(Stdin(where="x", base="start", paths=paths), root)
    assert lines is not None
    return lines


@pytest.mark.parametrize(
    ("place", "counts"),
    [
        (finding("added.py", 6), True),
        (finding("added.py", 7), True),
        (finding("added.py", 5), False),
        (finding("added.py", 8), False),
        (finding("added.py", 1, 6), True),
        (finding("removed.py", 4), True),
        (finding("removed.py", 5), True),
        (finding("removed.py", 6), False),
        (finding("new name.py", 20), True),
        (finding("new name.py", 19), False),
        (finding("gone.py", 3), True),
        (finding("added.py"), True),
        (finding("same.py"), False),
        (finding("same.py", 1), False),
        (finding("same.py", 21), False),
        (finding(None), True),
        (finding("image.png"), True),
        (finding("made.py", 3), True),
        (finding("moved here.py"), True),
        (finding("moved here.py", 1), False),
        (finding("old name.py", 20), True),
        (finding("unknown.py", 1), True),
        (finding("added.py", 22), False),
        (finding("added.py", 23), True),
    ],
)
def test_findings_elsewhere_are_notes(repository: Path, place: Finding, counts: bool) -> None:  # noqa: FBT001
    after = touched(repository).demoted(Evidence(findings=(place,)))
    if counts:
        assert after == Evidence(findings=(place,))
    else:
        note = "notes only: 1 finding on lines that have not changed since start"
        assert after == Evidence(findings=(replace(place, level=Level.NOTE),), notes=(note,))
    assert is_all_demoted(Evidence(findings=(place,)), after) is not counts


def test_only_the_paths_that_were_sent_count(repository: Path) -> None:
    assert set(touched(repository, "added.py").lines) == {"added.py"}


def test_without_a_diff_everything_counts(tmp_path: Path) -> None:
    assert touched_lines(Stdin(where="x", file="prompt.md"), tmp_path) is None
