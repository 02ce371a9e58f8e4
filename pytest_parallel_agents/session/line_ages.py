"""When the lines of suspicious files changed, according to git."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from pytest_parallel_agents.convergence.evidence import RunEvidence
from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.session.git_output import git_output

MOST_FILES: Final = 10
MOST_SECONDS: Final = 3.0
"""Of all files together: what is not known until then does not count."""

_DAY: Final = 24 * 60 * 60.0
_LINE: Final = re.compile(rb"([0-9a-f]{40,64}) \d+ (\d+)")


class Blame(msgspec.Struct, frozen=True):
    """By line: the time of its commit in seconds since the epoch. `uncommitted`: the lines that have none."""

    times: Mapping[int, float]
    uncommitted: frozenset[int]


def with_ages(run: RunEvidence, paths: Sequence[str], root: Path) -> RunEvidence:
    """The evidence with the newest line of each function in the first of these files, and with what is not committed.

    Ages are days before HEAD's date. Without git, or without its history, nothing is added.
    """
    until = time.monotonic() + MOST_SECONDS
    head = _git(("log", "-1", "--format=%ct"), root, until)
    if not head.strip().isdigit():
        return run
    ages: dict[str, dict[int, float]] = {}
    changed: dict[str, frozenset[int]] = {}
    for path in paths[:MOST_FILES]:
        blame = read_blame(_git(("blame", "--porcelain", "--", path), root, until))
        if blame.uncommitted:
            changed[path] = blame.uncommitted
        days = {line: max(0.0, float(head) - at) / _DAY for line, at in blame.times.items()}
        days |= dict.fromkeys(blame.uncommitted, 0.0)
        if newest := dict(_newest(days, path, run)):
            ages[path] = newest
    return msgspec.structs.replace(run, ages=ages, changed=changed)


def read_blame(output: bytes) -> Blame:
    """What `git blame --porcelain` prints. Lines of a commit without a parent have no age: it may only be the oldest
    one that was fetched.
    """
    commits: dict[int, bytes] = {}
    times: dict[bytes, float] = {}
    boundaries: set[bytes] = set()
    commit = b""
    for line in output.split(b"\n"):
        if found := _LINE.match(line):
            commit = found[1]
            commits[int(found[2])] = commit
        elif line.startswith(b"committer-time "):
            times[commit] = float(line.partition(b" ")[2])
        elif line == b"boundary":
            boundaries.add(commit)
    known = {line: commit for line, commit in commits.items() if commit in times and commit.strip(b"0")}
    return Blame(
        times={line: times[commit] for line, commit in known.items() if commit not in boundaries},
        uncommitted=frozenset(line for line, commit in commits.items() if not commit.strip(b"0")),
    )


def _newest(days: Mapping[int, float], path: str, run: RunEvidence) -> Iterator[tuple[int, float]]:
    """The newest line of each function: no other one counts."""
    outline = run.outlines.get(path)
    for function in outline.functions if outline is not None else ():
        of_function = [line for line in days if function.first_line <= line <= function.end_line]
        if of_function:
            line = min(of_function, key=lambda each: (days[each], each))
            yield line, round(days[line], 3)


def _git(words: Sequence[str], root: Path, until: float) -> bytes:
    return git_output(words, root, until) or b""
