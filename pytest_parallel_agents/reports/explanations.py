"""All that a report knows about one check or one cause, as lines of plain text."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from pytest_parallel_agents.printable import escape, escape_lines
from pytest_parallel_agents.reports.cause_text import likeliest_ranges, line_range
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.failures import command, failures_of, headline
from pytest_parallel_agents.reports.first_causes import advice, first_causes, location, sum_phrase
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Report


def explanation(report: Report, found: CheckEntry | CauseEntry) -> list[str]:
    """Its lines, escaped. They are bounded by the bounds of the report alone."""
    lines = _of_check(report, found) if isinstance(found, CheckEntry) else _of_cause(report, found)
    return [part for line in lines for part in escape_lines(line).split("\n")]


def _of_check(report: Report, check: CheckEntry) -> Iterator[str]:
    worker = f" on {check.worker}" if check.worker else ""
    outcome = check.outcome.replace("_", " ")
    yield f"{outcome}: {escape(check.nodeid)} [{check.kind}] in {seconds(check.duration)}{worker}"
    if repeats := command(check):
        yield f"run it again: {repeats}"
    for number, cause in enumerate(first_causes(report), 1):
        if check.nodeid in cause.failures:
            yield f"cause {number} may explain it: {location(cause)} {cause.function}"
    for unexplained in report.unexplained:
        if check.nodeid in unexplained.checks:
            yield f"no cause explains it: {unexplained.why}"
    yield from _attempts(check)
    yield from (f"note: {note}" for note in check.notes)
    yield from _findings(check)
    yield from _texts(check)


def _attempts(check: CheckEntry) -> Iterator[str]:
    if len(check.attempts) > 1:
        for number, attempt in enumerate(check.attempts, 1):
            taken = seconds(attempt.stop - attempt.start)
            yield f"attempt {number} on {attempt.worker}: {attempt.outcome} in {taken} {attempt.message}".rstrip()
    if check.alone is not UNSET:
        yield f"once more, alone: {check.alone or 'not known'}"


def _findings(check: CheckEntry) -> Iterator[str]:
    text = "" if check.failure is UNSET else check.failure.text
    findings = [finding for finding in check.findings if finding.message not in text]
    if findings:
        yield from ("", f"{counted(len(findings), 'finding')}:")
    for finding in findings:
        yield f"{finding.path or '(no file)'}:{finding.line or '-'}: {finding.level} {finding.rule}: {finding.message}"


def _texts(check: CheckEntry) -> Iterator[str]:
    failure = check.failure
    if failure is UNSET:
        yield from ("", check.message) if check.message else ()
        return
    yield from ("", failure.text or check.message)
    for section in failure.sections:
        yield from ("", f"{section.name}:", section.text)


def _of_cause(report: Report, cause: CauseEntry) -> Iterator[str]:
    yield f"{line_range(cause)} {cause.function}".rstrip()
    yield advice(cause)
    if likeliest := likeliest_ranges(cause):
        yield f"likeliest lines: {likeliest}"
    yield sum_phrase(cause)
    others = [member for member in cause.members if member != f"{cause.path}::{cause.function}"]
    if others:
        yield f"the evidence cannot tell it from: {', '.join(others)}"
    if cause.lines:
        yield from ("", "statements:")
    for statement in sorted(cause.lines, key=lambda each: each.line):
        yield f"{statement.line:6} | {statement.text}"
    yield from ("", "evidence:")
    for clue in cause.evidence:
        yield f"- [{clue.kind}] {escape(clue.check)}: {clue.what} (weight {clue.weight:.2f})"
    yield from _failures(report, cause)


def _failures(report: Report, cause: CauseEntry) -> Iterator[str]:
    concerned = failures_of(report, cause)
    if concerned:
        yield from ("", f"{counted(len(concerned), 'failed check')}:")
    for check in concerned:
        yield f"- {escape(check.nodeid)} [{check.kind}]: {headline(check)}"
        if repeats := command(check):
            yield f"  {repeats}"
