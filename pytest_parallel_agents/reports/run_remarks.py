"""What else is to be known of a run in a few lines: failures without a cause, groups, and what became worse."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from pytest_parallel_agents.reports.alone import passes_alone
from pytest_parallel_agents.reports.failures import shortened
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.run_phrases import decision, heading
from pytest_parallel_agents.reports.usage import of_run

MOST: Final = 3
"""Of each sort."""


def run_remarks(report: Report) -> list[str]:
    """One line each, escaped and of bounded length."""
    sorts = (_spending(report), _unexplained(report), _dependent(report), _groups(report), _worse(report))
    return [shortened(line) for line in chain.from_iterable(islice(sort, MOST) for sort in sorts)]


def _spending(report: Report) -> Iterator[str]:
    if spent := of_run(report):
        yield f"spent on language models: {spent}"


def _unexplained(report: Report) -> Iterator[str]:
    for entry in report.unexplained:
        others = f" and {counted(len(entry.checks) - 1, 'other')}" if len(entry.checks) > 1 else ""
        yield f"no cause known of {entry.checks[0]}{others}: {entry.why}"


def _dependent(report: Report) -> Iterator[str]:
    for check in report.checks:
        if passes_alone(check.alone):
            yield f"passes alone: {check.nodeid} depends on what ran before it on {check.worker}, or beside it"


def _groups(report: Report) -> Iterator[str]:
    for group in report.groups:
        if group.agree is not None:
            yield f"{heading(group)}: {decision(group, report)}"
        elif group.wait != "all":
            decided = f"met by {group.decided_by}" if group.passed else "failed"
            yield f"{heading(group)}: {decided}"


def _worse(report: Report) -> Iterator[str]:
    for entry in report.baseline.regressions if report.baseline else ():
        yield f"worse than the baseline: {entry.check}: {entry.what} was {entry.before}, is {entry.now}"
