"""What the tool `run` answers: the verdict, where to look first, the failures, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from pytest_parallel_agents.cli.mcp.answers import (
    LONGEST,
    Answer,
    Answered,
    Call,
    answer,
    is_argument,
    last_of,
    next_call,
    short,
    that_fit,
)
from pytest_parallel_agents.cli.mcp.pytest_process import Finished
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.cause_text import likeliest_ranges, line_range
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.failures import command, failures, headline
from pytest_parallel_agents.reports.first_causes import first_causes
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.verdict import verdict

_SPEAK_FOR_THEMSELVES: Final = (0, 1, 5)
"""Exit codes: all passed, some failed, nothing was collected."""

_MOST_KINDS: Final = 6
_LONGEST_KIND: Final = 50
_ROOM_FOR_CAUSES: Final = 2_000
_ROOM_FOR_FAILURES: Final = 3_500


class CauseRow(Struct, frozen=True, kw_only=True):
    """Where to look first."""

    number: Annotated[int, Meta(description="Its name for the tool explain.")]
    place: Annotated[str, Meta(description="path:first-last of the function.")]
    function: str
    likeliest_lines: str
    kinds: tuple[str, ...]
    failures: int


class FailureRow(Struct, frozen=True, kw_only=True):
    """A failed check."""

    nodeid: str
    kind: str
    outcome: str
    why: str
    reproduce: Annotated[str, Meta(description="The command that runs it alone; empty if it is not known, or long.")]


class RunAnswer(Answered, frozen=True, kw_only=True):
    """How a run ended."""

    exit_code: Annotated[int, Meta(description="pytest's; negative for a signal.")]
    timed_out: bool
    verdict: str
    causes: tuple[CauseRow, ...] = ()
    failures: tuple[FailureRow, ...] = ()
    failures_left_out: int = 0
    output: Annotated[str, Meta(description="The last output, if nothing else shows why the run ended so.")] = ""


def run_answer(report: Report, finished: Finished, *, is_part: bool) -> Answer:
    """Of a run that left a report. `is_part`: it did not run everything."""
    failed = failures(report)
    causes = that_fit(map(_cause_row, enumerate(first_causes(report), 1)), _cause_line, room=_ROOM_FOR_CAUSES)
    rows = that_fit(map(_failure_row, failed), _failure_lines, room=_ROOM_FOR_FAILURES)
    content = RunAnswer(
        exit_code=finished.exit_code,
        timed_out=finished.timed_out,
        verdict=verdict(report) + ("; it was ended: its time was up" if finished.timed_out else ""),
        causes=tuple(causes),
        failures=tuple(rows),
        failures_left_out=len(failed) - len(rows),
        output="" if failed or finished.exit_code in _SPEAK_FOR_THEMSELVES else last_of(finished.output),
        next=_next(report, causes, failed, is_part=is_part),
    )
    return answer(_lines(content), content)


def _lines(content: RunAnswer) -> Iterator[str]:
    yield content.verdict
    if content.causes:
        yield from ("", "Look here first:", *map(_cause_line, content.causes))
    if content.failures:
        yield from ("", "Failures:", *map(_failure_lines, content.failures))
    if content.output:
        yield from ("", content.output)
    if content.failures_left_out:
        yield f"... and {counted(content.failures_left_out, 'more failure')} (last_report lists them)"


def _next(report: Report, causes: Sequence[CauseRow], failed: Sequence[CheckEntry], *, is_part: bool) -> Call:
    if causes:
        return next_call("explain", {"what": "1"}, "shows the first cause and its evidence.")
    for check in failed:
        if is_argument(check.nodeid):
            return next_call("explain", {"what": check.nodeid}, "shows the whole failure.")
    if report.run.exit_code == 0 and is_part:
        return next_call("run", {}, "runs all checks.")
    if not report.checks:
        return next_call("plan", {}, "lists the checks that there are.")
    return next_call("last_report", {}, "lists what ran.")


def _cause_row(numbered: tuple[int, CauseEntry]) -> CauseRow:
    number, cause = numbered
    return CauseRow(
        number=number,
        place=short(line_range(cause)),
        function=short(cause.function),
        likeliest_lines=likeliest_ranges(cause),
        kinds=tuple(short(kind, _LONGEST_KIND) for kind in cause.kinds[:_MOST_KINDS]),
        failures=cause.failure_count,
    )


def _cause_line(row: CauseRow) -> str:
    likeliest = f", likeliest lines {row.likeliest_lines}" if row.likeliest_lines else ""
    return f"{row.number}. {row.place} {row.function} [{' + '.join(row.kinds)}]{likeliest}"


def _failure_row(check: CheckEntry) -> FailureRow:
    repeats = escape(command(check))
    return FailureRow(
        nodeid=short(check.nodeid),
        kind=short(check.kind, _LONGEST_KIND),
        outcome=check.outcome,
        why=short(headline(check)),
        reproduce=repeats if len(repeats.encode()) <= LONGEST else "",  # a cut one would run something else
    )


def _failure_lines(row: FailureRow) -> str:
    repeat = f"\n  {row.reproduce}" if row.reproduce else ""
    return f"{row.outcome.replace('_', ' ')} {row.nodeid} [{row.kind}]: {row.why}{repeat}"
