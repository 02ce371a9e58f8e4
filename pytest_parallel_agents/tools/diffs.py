"""Unified diffs, as formatters and git print them: the changed lines of each file, and which files have none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pytest_parallel_agents.early_bound import os

Lines = tuple[int, int]
"""The first and the last of some lines, counted from 1."""

_RANGES: Final = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NO_LINE_BREAK: Final = "\\"


class Hunk(NamedTuple):
    """One place where two texts differ.

    `before` and `after` are the names in the lines that begin with `---` and `+++`, as written there. `old` are the
    lines that change in the text before, with the one above when something is only inserted; `new` those in the text
    after, None when something is only removed. `beside` are then the lines in the text after between which it was, None
    of any other hunk.
    """

    before: str
    after: str
    old: Lines
    new: Lines | None
    beside: Lines | None = None


def read_hunks(diff: str) -> Iterator[Hunk]:
    """The hunks of a diff, in its order. Text between them is skipped."""
    lines = iter(diff.split("\n"))  # a form feed is no end of a line
    before = after = ""
    for line in lines:
        if line.startswith("--- "):
            before = line[4:]
        elif line.startswith("+++ "):
            after = line[4:]
        elif ranges := _RANGES.match(line):
            yield Hunk(before, after, *_changed(ranges, lines))


def compared(numstat: bytes) -> dict[str, bool]:
    """The files that `git diff --numstat -z --no-renames` lists, and whether their lines are compared: those of binary
    files are not, nor of files with the attribute `-diff`.
    """
    entries = (entry.split(b"\t", 2) for entry in numstat.split(b"\0") if entry)
    return {os.fsdecode(name): added != b"-" for added, _, name in entries}


def _changed(ranges: re.Match[str], lines: Iterator[str]) -> tuple[Lines, Lines | None, Lines | None]:
    """Reads the body of one hunk. Its ranges give its length, whatever its lines look like."""
    old, old_length, new, new_length = (1 if number is None else int(number) for number in ranges.groups())
    old_at, new_at = old + (old_length == 0), new + (new_length == 0)  # an empty range names the line above it
    old_end, new_end = old_at + old_length, new_at + new_length
    removed: list[int] = []
    added: list[int] = []
    beside: list[int] = []
    while old_at < old_end or new_at < new_end:
        line = next(lines, None)
        if line is None:
            break
        mark = line[:1]
        if mark == _NO_LINE_BREAK:
            continue
        if mark == "+":
            added.append(new_at)
            removed.append(max(1, old_at - 1))
        elif mark == "-":
            removed.append(old_at)
            beside += max(1, new_at - 1), new_at
        new_at += mark != "-"
        old_at += mark != "+"
    if not removed:  # the diff is truncated
        return (old, old), None, None
    if not added:
        return _span(removed), None, _span(beside)
    return _span(removed), _span(added), None


def _span(lines: Sequence[int]) -> Lines:
    return min(lines), max(lines)
