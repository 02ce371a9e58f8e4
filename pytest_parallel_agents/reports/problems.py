"""What is wrong and where, for formats that list it: failed checks that no finding explains, and findings."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1
from typing import Final, NamedTuple

from pytest_parallel_agents.agents.bounds import MOST_MESSAGE, MOST_NAME
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Level, Outcome
from pytest_parallel_agents.printable import escape, escape_lines
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FindingEntry
from pytest_parallel_agents.reports.report import Report

_UNNAMED: Final = "unnamed"


class Place(NamedTuple):
    """`path` as in the report; lines are None where they are not known."""

    path: str
    line: int | None = None
    end_line: int | None = None


class Problem(NamedTuple):
    """`rule` and `message` are never empty, escaped and of bounded length.

    `place` is that of the check's file where a finding has none. `new` is None unless there is a baseline. Where
    `is_failure`, it is a check's own failure, of which `frames` are path and line, innermost last.
    """

    check: CheckEntry
    rule: str
    level: Level
    message: str
    place: Place
    fingerprint: str
    new: bool | None
    is_failure: bool = False
    frames: tuple[tuple[str, int], ...] = ()
    votes: int | None = None


def problems(report: Report) -> list[Problem]:
    """All of a report: failed checks first, then findings, gravest first; else in the order of the checks."""
    frames = report.evidence.frames if report.evidence else {}
    hung = _hung(report)
    worse = None if report.baseline is None else {each.check for each in report.baseline.regressions}
    failed = [
        _failure(check, frames.get(check.nodeid, ()), hung.get(check.nodeid), worse)
        for check in report.checks
        if check.outcome.bad and not (check.findings and check.outcome is Outcome.FAILED and check.nodeid not in frames)
    ]
    known = None if report.baseline is None else frozenset(report.baseline.unchanged)
    found = [
        of_finding(check, finding, new=None if known is None else finding.fingerprint not in known)
        for check in report.checks
        for finding in check.findings
    ]
    return [*failed, *sorted(found, key=lambda each: -each.level.severity)]


def of_finding(check: CheckEntry, finding: FindingEntry, *, new: bool | None) -> Problem:
    """The problem that a finding of the check is, in this run or in an earlier one."""
    at = Place(finding.path, finding.line, finding.end_line) if finding.path else Place(check_path(check))
    rule = name(finding.rule)
    message = text(finding.message) or rule
    return Problem(check, rule, finding.level, message, at, finding.fingerprint, new, votes=finding.votes)


def check_path(check: CheckEntry) -> str:
    """The file that has the check."""
    return check.nodeid.partition("::")[0]


def text(value: str) -> str:
    """Escaped, of bounded length; its lines stay lines."""
    return escape_lines(cut(value.strip(), MOST_MESSAGE))


def name(value: str) -> str:
    """One line, escaped, of bounded length, not empty."""
    return escape(cut(value.strip(), MOST_NAME)) or _UNNAMED


def _failure(
    check: CheckEntry, frames: tuple[tuple[str, int], ...], hung: Place | None, worse: set[str] | None
) -> Problem:
    """Its rule is the outcome: it stays the same when the message changes. It is known by the check's id."""
    outcome = check.outcome.replace("_", " ")
    said = text(check.message) or outcome
    message = said if said.startswith(f"{check.name}: ") else f"{name(check.name)}: {said}"
    fingerprint = sha1(check.nodeid.encode(errors="backslashreplace"), usedforsecurity=False).hexdigest()[:16]
    at = Place(*frames[-1]) if frames else hung or Place(check_path(check), check.line or None)
    new = None if worse is None else check.nodeid in worse
    return Problem(
        check, check.outcome.value, Level.ERROR, message, at, fingerprint, new, is_failure=True, frames=frames
    )


def _hung(report: Report) -> dict[str, Place]:
    """Where checks that ran into their time limit were seen most often, by node id."""
    samples: Mapping[str, Mapping[str, int]] = report.evidence.samples if report.evidence else {}
    places = {}
    for nodeid, seen in samples.items():
        if seen:
            path, _, line = max(seen, key=lambda each: (seen[each], each)).rpartition(":")
            places[nodeid] = Place(path, int(line))
    return places
