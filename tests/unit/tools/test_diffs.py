from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.tools.diffs import Hunk, read_hunks

LINES = st.lists(st.sampled_from(["a\n", "-- a\n", "++ b\n", "@@ -1 +1 @@\n", "\f\n", "\n"]), max_size=12)


def test_changed_lines_without_their_surroundings() -> None:
    diff = "--- x\n+++ y\n@@ -1,4 +1,4 @@ def f():\n same\n-old\n-older\n+new\n+newer\n same\n"

    assert list(read_hunks(diff)) == [Hunk(before="x", after="y", old=(2, 3), new=(2, 3))]


def test_what_is_only_inserted_lies_below_a_line() -> None:
    assert list(read_hunks("--- x\n+++ x\n@@ -2,0 +3,2 @@\n+new\n+newer\n")) == [Hunk("x", "x", (2, 2), (3, 4))]
    assert list(read_hunks("--- x\n+++ x\n@@ -0,0 +1 @@\n+new\n")) == [Hunk("x", "x", (1, 1), (1, 1))]


def test_what_is_only_removed_has_no_new_lines() -> None:
    assert list(read_hunks("--- x\n+++ x\n@@ -4,2 +3,0 @@\n-old\n-older\n")) == [Hunk("x", "x", (4, 5), None, (3, 4))]


def test_a_missing_line_break_at_the_end_is_no_line() -> None:
    diff = "--- x\n+++ x\n@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n\\ No newline at end of file\n"

    assert list(read_hunks(diff)) == [Hunk("x", "x", (1, 1), (1, 1))]


def test_what_stands_around_hunks_is_passed_over() -> None:
    diff = "diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\nBinary files differ\n"

    assert list(read_hunks(diff)) == [Hunk("a/x", "b/x", (1, 1), (1, 1))]


def test_a_hunk_that_breaks_off_ends() -> None:
    assert list(read_hunks("--- x\n+++ x\n@@ -1,3 +1,2 @@\n-a\n")) == [Hunk("x", "x", (1, 1), None, (1, 1))]
    assert list(read_hunks("--- x\n+++ x\n@@ -3,3 +1,2 @@")) == [Hunk("x", "x", (3, 3), None)]


@given(LINES, LINES)
def test_lines_that_look_like_headers_are_lines(old: list[str], new: list[str]) -> None:
    """The new lines of all hunks are those that difflib says are inserted or put in the place of others."""
    diff = "".join(difflib.unified_diff(old, new, "x", "y", n=0))

    hunks = list(read_hunks(diff))

    added = {line for hunk in hunks if hunk.new for line in range(hunk.new[0], hunk.new[1] + 1)}
    changes = difflib.SequenceMatcher(None, old, new).get_opcodes()
    assert added == {
        line + 1 for kind, _, _, first, end in changes if kind in {"insert", "replace"} for line in range(first, end)
    }
    assert {(hunk.before, hunk.after) for hunk in hunks} <= {("x", "y")}
