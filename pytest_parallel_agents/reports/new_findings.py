"""The findings that no baseline has, each once."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from pytest_parallel_agents.convergence.clues import findings_phrase
from pytest_parallel_agents.convergence.duplicates import Sighting, merged
from pytest_parallel_agents.reports.entries_of_checks import FindingEntry
from pytest_parallel_agents.reports.report import Report


class Listed(NamedTuple):
    """The findings of one or several checks of a kind at one place; `phrase` names the checks and what they found."""

    first: Sighting[FindingEntry]
    phrase: str

    @property
    def finding(self) -> FindingEntry:
        return self.first.finding

    @property
    def place(self) -> tuple[str, int]:
        return (self.finding.path or "", self.finding.line or 0)


def new_findings(report: Report) -> list[Listed]:
    """The findings that no baseline has; gravest first, then by place.

    Findings that several checks of a kind share are listed once.
    """
    unchanged = frozenset(report.baseline.unchanged if report.baseline else ())
    sightings: dict[str, list[Sighting[FindingEntry]]] = defaultdict(list)
    for check in report.checks:
        new = (finding for finding in check.findings if finding.fingerprint not in unchanged)
        sightings[check.kind] += [Sighting(check.nodeid, check.name, finding) for finding in new]
    listed = (Listed(one[0], findings_phrase(one)) for of_kind in sightings.values() for one in merged(of_kind))
    return sorted(listed, key=lambda each: (-each.finding.level.severity, *each.place, each.phrase))
