"""The tool that lists checks and findings of the last report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from pytest_parallel_agents.cli.mcp.answers import (
    Answer,
    Answered,
    Call,
    answer,
    is_argument,
    next_call,
    short,
    that_fit,
)
from pytest_parallel_agents.cli.mcp.arguments import LastReportArguments
from pytest_parallel_agents.reports.entries_of_checks import FindingEntry
from pytest_parallel_agents.reports.failures import headline
from pytest_parallel_agents.reports.filtering import Selected, selected
from pytest_parallel_agents.reports.last_report import last_report as read_last_report
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.verdict import verdict


class Row(Struct, frozen=True, kw_only=True):
    """A check, or one of its findings."""

    nodeid: Annotated[str, Meta(description="Of the check.")]
    kind: str
    outcome: str
    message: Annotated[str, Meta(description="Of the check, or of the finding if there is one.")]
    rule: Annotated[str, Meta(description="Of the finding; empty for a check.")] = ""
    level: str = ""
    path: str = ""
    line: int | None = None


class ListAnswer(Answered, frozen=True, kw_only=True):
    """Checks, each followed by its findings."""

    verdict: str
    checks: Annotated[int, Meta(description="How many the filters select.")]
    findings: int
    start: int
    rows: tuple[Row, ...]


async def last_report(root: Path, arguments: LastReportArguments) -> Answer:
    """What the filters select of the last report."""
    report = read_last_report(root)
    found = selected(report, arguments)
    findings = sum(len(each.findings) for each in found)
    rows = that_fit(islice(_rows(found), arguments.start, None), _line)
    end = arguments.start + len(rows)
    content = ListAnswer(
        verdict=verdict(report),
        checks=len(found),
        findings=findings,
        start=arguments.start,
        rows=tuple(rows),
        next=_next(arguments, found, end if end < len(found) + findings else None),
    )
    counts = f"{counted(len(found), 'check')} and {counted(findings, 'finding')} are selected"
    counts += f"; from row {arguments.start:,}:"
    return answer([content.verdict, counts, *map(_line, rows)], content)


def _next(arguments: LastReportArguments, found: list[Selected], following: int | None) -> Call:
    if following is not None:
        given: dict[str, Any] = msgspec.to_builtins(arguments)
        return next_call(
            "last_report", _without_empty(given) | {"start": following}, f"goes on from row {following:,}."
        )
    bad = next((each.check for each in found if each.check.outcome.bad and is_argument(each.check.nodeid)), None)
    if bad is not None:
        return next_call("explain", {"what": bad.nodeid}, "shows all of the first failure.")
    return next_call("run", {}, "runs all checks.")


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    kept = {name: _without_empty(value) if isinstance(value, dict) else value for name, value in values.items()}
    return {name: value for name, value in kept.items() if value}


def _rows(found: list[Selected]) -> Iterator[Row]:
    for check, findings in found:
        row = Row(
            nodeid=short(check.nodeid),
            kind=short(check.kind, 50),
            outcome=check.outcome,
            message=short(headline(check)) if check.message else "",
        )
        yield row
        for finding in findings:
            yield _finding_row(row, finding)


def _finding_row(check: Row, finding: FindingEntry) -> Row:
    return msgspec.structs.replace(
        check,
        message=short(finding.message),
        rule=short(finding.rule),
        level=finding.level,
        path=short(finding.path or ""),
        line=finding.line,
    )


def _line(row: Row) -> str:
    if row.level:
        return f"  {row.path or '(no file)'}:{row.line or '-'}: {row.level} {row.rule}: {row.message}"
    return f"{row.outcome.replace('_', ' ')} {row.nodeid} [{row.kind}]" + (f": {row.message}" if row.message else "")
