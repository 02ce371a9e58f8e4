"""The run for a coding assistant: the causes, then the failures, then what is left out. Short, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.reports.alone import passes_alone
from pytest_parallel_agents.reports.cause_text import line_range, statements
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.failures import command, failures, headline, shortened, telling_lines
from pytest_parallel_agents.reports.first_causes import (
    first_causes,
    kinds_phrase,
    likeliest_lines,
    location,
    shown_clues,
    sum_phrase,
    with_first_of_failures,
)
from pytest_parallel_agents.reports.left_out import left_out
from pytest_parallel_agents.reports.new_findings import new_findings
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.run_remarks import run_remarks
from pytest_parallel_agents.reports.verdict import verdict

MOST_LINES: Final = 120
MOST_BYTES: Final = 9_000
MOST_OF_FAILURE: Final = 12
MOST_FAILURES: Final = 10
"""Of which more than a line is shown."""

MOST_NAMED: Final = 20
_MOST_STATEMENTS: Final = 3
_MOST_REMARKS: Final = 6
_LONGEST_COMMAND: Final = 400
_CLOSING: Final = (12, 1_500)
"""Lines and bytes kept for the end."""


def compact_lines(report: Report, *, excerpts: bool = True) -> list[str]:
    """At most 120 lines and 9,000 bytes, escaped. Without `excerpts` failures have no lines of their text."""
    page = _Page(MOST_LINES - _CLOSING[0], MOST_BYTES - _CLOSING[1])
    page.add([verdict(report)])
    for number, (cause, whole) in enumerate(with_first_of_failures(first_causes(report)), start=1):
        page.add(_cause(number, cause, whole=whole))
    if remarks := run_remarks(report)[:_MOST_REMARKS]:
        page.add(remarks)
    page.add([""])
    failed = failures(report)
    shown = _add_failures(failed, page, excerpts=excerpts)
    findings = _findings_elsewhere(report)
    page.limit(MOST_LINES, MOST_BYTES)
    page.add([""])
    page.add(list(left_out(report, failures=len(failed) - shown, findings=findings)))
    return page.lines


class _Page:
    def __init__(self, lines: int, size: int) -> None:
        self.lines: list[str] = []
        self.limit(lines, size)
        self._used = 0

    def limit(self, lines: int, size: int) -> None:
        self._most = (lines, size)

    def add(self, lines: Sequence[str]) -> bool:
        """Adds all of these if there is room. Returns whether there was."""
        size = sum(len(line.encode()) + 1 for line in lines)
        fits = len(self.lines) + len(lines) <= self._most[0] and self._used + size <= self._most[1]
        if fits:
            self.lines += lines
            self._used += size
        return fits


def _cause(number: int, cause: CauseEntry, *, whole: bool) -> list[str]:
    """In one line unless it is shown as a `whole`, as the first one of the same failures is."""
    failed = f" {counted(cause.failure_count, 'failure')}" if cause.failure_count else ""
    where = f"{line_range(cause)} {cause.function}".rstrip() if whole else f"{location(cause)} {cause.function}"
    head = shortened(f"{number}. {where} [{kinds_phrase(cause)}]{failed}")
    if not whole:
        return [head]
    likeliest = {str(line) for line in likeliest_lines(cause)}
    code = [line for line in statements(cause) if line.split(" | ")[0].strip() in likeliest][:_MOST_STATEMENTS]
    clues = [shortened(f"{clue.kind}: {clue.what}") for clue in shown_clues(cause)]
    score = [shortened(sum_phrase(cause))] if cause.basis is Basis.FAILURES else []
    return [head, *_indented(f"> {line}" for line in code), *_indented([*clues, *score])]


def _add_failures(failed: Sequence[CheckEntry], page: _Page, *, excerpts: bool) -> int:
    """Adds them while there is room, the first with excerpts. Returns how many."""
    shown = 0
    for check in failed[: MOST_FAILURES + MOST_NAMED]:
        lines = _failure(check, excerpts=excerpts) if shown < MOST_FAILURES else [_named(check)]
        if not page.add(lines) and not page.add([_named(check)]):
            break
        shown += 1
    return shown


def _failure(check: CheckEntry, *, excerpts: bool) -> list[str]:
    lines = telling_lines(check, MOST_OF_FAILURE - 4) if excerpts else []
    alone = ["passes alone; this repeats what ran before it:"] if passes_alone(check.alone) else []
    return [_named(check), *_indented([*(lines if lines != [headline(check)] else []), *alone, _command(check)])]


def _named(check: CheckEntry) -> str:
    return shortened(f"{check.outcome.upper()} {check.nodeid}: {headline(check)}")


def _command(check: CheckEntry) -> str:
    """A command that is cut would run something else."""
    repeats = command(check)
    if len(repeats) > _LONGEST_COMMAND:
        return "its command is too long for this list"
    return f"$ {repeats}" if repeats else "no command that can be shown repeats it alone"


def _findings_elsewhere(report: Report) -> int:
    """How many there are of checks that did not fail."""
    failed = frozenset(check.nodeid for check in report.checks if check.outcome.bad)
    return sum(each.finding.check not in failed for each in new_findings(report))


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"   {line}" for line in lines]
