"""Problems as SARIF's results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pytest_parallel_agents.agents.bounds import MOST_MESSAGE
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.formats.sarif.locations import physical_location
from pytest_parallel_agents.reports.problems import Place, Problem, name, of_finding
from pytest_parallel_agents.reports.report import Report

FINGERPRINT: Final = "pytestParallelAgents/v1"
"""Its name among partial fingerprints. GitHub's own is computed from the lines when the file is uploaded."""

_LINK: Final = re.compile(r"\[(?=[^\[\]]*\]\()")
_MOST_FRAMES: Final = 100


def result(problem: Problem, rules: Mapping[str, int]) -> Mapping[str, Any]:
    """`rules`: the index of each rule in its run."""
    described = _described(problem) | {"ruleIndex": rules[problem.rule]}
    if problem.new is not None:
        described["baselineState"] = "new" if problem.new else "unchanged"
    if problem.frames:
        described["stacks"] = [_stack(problem.frames)]
    return described


def absent_results(report: Report, checks: Iterable[CheckEntry]) -> list[Mapping[str, Any]]:
    """Findings of these checks that only the baseline has."""
    by_nodeid = {check.nodeid: check for check in checks}
    return [
        _described(of_finding(by_nodeid[finding.check], finding, new=False)) | {"baselineState": "absent"}
        for finding in (report.baseline.fixed if report.baseline else ())
        if finding.check in by_nodeid
    ]


def message(text: str) -> Mapping[str, str]:
    """Plain text (3.11): what looks like a link is none."""
    return {"text": _LINK.sub(r"\\[", text)}


def _described(problem: Problem) -> dict[str, Any]:
    described: dict[str, Any] = {
        "ruleId": problem.rule,
        "level": problem.level.value,
        "message": message(problem.message),
        "locations": [_location(problem)],
    }
    if problem.fingerprint:
        described["partialFingerprints"] = {FINGERPRINT: name(problem.fingerprint)}
    if problem.votes is not None:
        described["properties"] = {"votes": problem.votes}
    return described


def _location(problem: Problem) -> Mapping[str, Any]:
    nodeid = escape(cut(problem.check.nodeid, MOST_MESSAGE))
    return {
        "physicalLocation": physical_location(problem.place),
        "logicalLocations": [{"fullyQualifiedName": nodeid}],
    }


def _stack(frames: Iterable[tuple[str, int]]) -> Mapping[str, Any]:
    """The innermost frame first (3.44.3)."""
    innermost = list(frames)[: -_MOST_FRAMES - 1 : -1]
    return {"frames": [{"location": {"physicalLocation": physical_location(Place(*frame))}} for frame in innermost]}
