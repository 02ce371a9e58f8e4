"""The causes that need mending, and what all formats write of each: its place, what speaks for it, what to do.

Texts from checks are as they came: each format escapes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry, ClueEntry
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report

MOST_CAUSES: Final = 5
MOST_CLUES: Final = 3

LEAST_SHARE: Final = 0.25
"""Of the score of the first cause of the same failures, below which another one takes more time than it is worth."""


def first_causes(report: Report) -> list[CauseEntry]:
    """The first causes with a clue that failed, or is new since the baseline. No others need mending."""
    bad = frozenset(check.nodeid for check in report.checks if check.outcome.bad)
    new = frozenset(finding.check for finding in report.baseline.new) if report.baseline else frozenset()
    concerned = (cause for cause in report.causes if any(clue.check in bad | new for clue in cause.evidence))
    return list(_worth_a_look(concerned))[:MOST_CAUSES]


def _worth_a_look(causes: Iterable[CauseEntry]) -> Iterator[CauseEntry]:
    """The first of each cluster, and those that are not far below the first."""
    most: dict[int, float] = {}
    for cause in causes:
        first = most.setdefault(cause.cluster, cause.score)
        if cause.basis is Basis.FINDINGS or cause.score >= LEAST_SHARE * first:
            yield cause


def with_first_of_failures(causes: Iterable[CauseEntry]) -> Iterator[tuple[CauseEntry, bool]]:
    """Each with whether none before it may explain the same failures: those after the first need less room."""
    explained: set[int] = set()
    for cause in causes:
        yield cause, cause.cluster not in explained
        explained |= {cause.cluster} - {0}


def shown_clues(cause: CauseEntry) -> tuple[ClueEntry, ...]:
    return cause.evidence[:MOST_CLUES]


def advice(cause: CauseEntry) -> str:
    """A test's own lines only show that something is wrong, seldom that the test is. A file that could not be collected
    contains no name.
    """
    test, _, name = cause.evidence[0].check.partition("::")
    if test == cause.path and name:
        return f"see why {name} fails at {location(cause)}"
    return f"mend {location(cause)}"


def sum_phrase(cause: CauseEntry) -> str:
    """`score 1.71 = coverage 0.71 + traceback 1.00; 2 kinds of evidence agree: coverage, traceback`."""
    addends = [(addend.kind, addend.weight * addend.points) for addend in cause.addends]
    parts = " + ".join(f"{kind} {points:.2f}" for kind, points in addends)
    agreeing = ", ".join(cause.agreeing)
    confidence = f"; {counted(cause.confidence, 'kind')} of evidence agree: {agreeing}" if cause.confidence > 1 else ""
    return f"score {cause.score:.2f} = {parts}{confidence}"


def place(cause: CauseEntry) -> str:
    return f"{location(cause)} {cause.function}".rstrip()


def location(cause: CauseEntry) -> str:
    return f"{cause.path}:{min(likeliest_lines(cause), default=cause.line)}"


def likeliest_lines(cause: CauseEntry) -> Iterator[int]:
    """Of several tools' lines the first; else those with the highest score."""
    most = max([each.score for each in cause.lines], default=0.0)
    for each in cause.lines:
        if each.score == most or cause.basis is Basis.FINDINGS:
            yield each.line


def kinds_phrase(cause: CauseEntry) -> str:
    """The kinds of the evidence, the strongest first."""
    return " + ".join(dict.fromkeys(clue.kind for clue in cause.evidence))
