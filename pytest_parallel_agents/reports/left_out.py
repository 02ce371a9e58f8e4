"""What a short report leaves out, and how to see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report

EXPLAIN: Final = "pytest-parallel-agents explain"


def left_out(report: Report, *, failures: int, findings: int) -> Iterator[str]:
    """Lines in Markdown. `failures` and `findings`: how many are not even named."""
    if failures:
        yield f"{counted(failures, 'more failure')}"
    if findings:
        yield f"{counted(findings, 'more finding')}"
    if any(check.outcome.bad for check in report.checks):
        yield f"the whole of one: `{EXPLAIN} NODEID`"
    if report.causes:
        yield f"the whole of a cause, by its number: `{EXPLAIN} 1`"
    if failures or findings:
        yield "the whole run: `pytest --agents --agents-report=PATH.json`"
