"""The findings of the summary that no place to look at has shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import FindingEntry
from pytest_parallel_agents.reports.first_causes import shown_clues
from pytest_parallel_agents.reports.new_findings import Listed, new_findings
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.findings import write_findings
from pytest_parallel_agents.reports.terminal.text import Terminal


def write_further_findings(report: Report, causes: Sequence[CauseEntry], terminal: Terminal, *, verbose: bool) -> None:
    """Writes all but those that are clues of these causes, which have been explained."""
    findings = new_findings(report)
    others = _unshown(findings, causes)
    heading = "findings" if len(others) == len(findings) else "further findings"
    write_findings(heading, others, terminal, verbose=verbose)


def _unshown(findings: Sequence[Listed], causes: Sequence[CauseEntry]) -> list[Listed]:
    """The findings that are no clue of a cause. A clue represents all equal ones in its place."""
    shown = Counter(
        (number, clue.check, clue.what) for number, cause in enumerate(causes) for clue in shown_clues(cause)
    )
    others = []
    for listed in findings:
        clues = ((number, listed.first.check, listed.phrase) for number in _causes_at(listed.finding, causes))
        clue = next((clue for clue in clues if shown[clue]), None)
        if clue is None:
            others.append(listed)
        else:
            shown[clue] -= 1
    return others


def _causes_at(finding: FindingEntry, causes: Sequence[CauseEntry]) -> Iterator[int]:
    for number, cause in enumerate(causes):
        if cause.path == finding.path and (finding.line is None or _covers(cause, finding.line)):
            yield number


def _covers(cause: CauseEntry, line: int) -> bool:
    """Whether a line is in a cause's function, or named by it: of a file that cannot be read no line is known."""
    return cause.line <= line <= cause.end_line or any(each.line == line for each in cause.lines)
