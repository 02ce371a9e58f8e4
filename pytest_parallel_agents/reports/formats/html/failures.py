"""The failed checks, each folded: how to repeat it, its traceback, its findings and its output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import UnsetType

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.reports.alone import alone_lines, passes_alone
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FailureEntry
from pytest_parallel_agents.reports.failures import command, finding_line, headline
from pytest_parallel_agents.reports.formats.html.markup import Markup, short, tag
from pytest_parallel_agents.reports.formats.html.parts import kind_badge, more, outcome_badge, section
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Report

MOST: Final = 100
MOST_UNFOLDED: Final = 20
MOST_BYTES: Final = 1_000_000
"""Of all of them together."""

MOST_FINDINGS: Final = 20
MOST_NOTES: Final = 20
_LONGEST: Final = 10_000


def failures_section(report: Report, checks: Sequence[CheckEntry]) -> Markup | None:
    """`checks`: those that the page lists, the failed ones first. The attribute data-check is their index."""
    failed = [check for check in report.checks if check.outcome.bad]
    if not failed:
        return None
    shown = list(_bounded(checks[: min(MOST, len(failed))]))
    left_out = len(failed) - len(shown)
    title = f"Failures ({len(failed):,})"
    note = (
        f"{counted(left_out, 'more failure')} left out here: they stand in the list of all checks" if left_out else ""
    )
    return section("failures", title, *_folded_after(shown, MOST_UNFOLDED), tag("p", note, class_="cut"))


def _folded_after(shown: Sequence[Markup], most: int) -> Iterator[Markup]:
    yield from shown[:most]
    if others := shown[most:]:
        yield tag("details", tag("summary", counted(len(others), "more failure")), *others)


def _bounded(checks: Sequence[CheckEntry]) -> Iterator[Markup]:
    left = MOST_BYTES
    for index, check in enumerate(checks):
        shown = _failure(index, check)
        left -= len(shown.encode())
        if left < 0:
            return
        yield shown


def _failure(index: int, check: CheckEntry) -> Markup:
    summary = tag(
        "summary",
        outcome_badge(check.outcome),
        tag("code", short(check.nodeid)),
        kind_badge(check.kind),
        tag("span", seconds(check.duration), class_="quiet"),
        tag("span", headline(check), class_="headline"),
    )
    return tag("details", summary, *failure_body(check), class_="failure", data_check=index)


def failure_body(check: CheckEntry) -> Iterator[Markup | None]:
    if repeats := command(check):
        yield tag("p", "Run it alone: ", tag("code", cut(repeats, _LONGEST)))
    if passes_alone(check.alone):
        yield from (tag("p", short(line)) for line in alone_lines(str(check.worker), ""))
    yield from (tag("p", short(note), class_="quiet") for note in check.notes[:MOST_NOTES])
    yield more(len(check.notes) - MOST_NOTES, "more note")
    if check.findings:
        shown = check.findings[:MOST_FINDINGS]
        yield tag("ul", *(tag("li", finding_line(each)) for each in shown), class_="clues")
        yield more(len(check.findings) - len(shown), "more finding")
    if isinstance(check.failure, UnsetType):
        yield _folded("Message", check.message, is_open=True) if check.message else None
    else:
        yield from _output(check.failure)


def _output(failure: FailureEntry) -> Iterator[Markup]:
    yield _folded("Traceback", failure.text, is_open=True)
    for part in failure.sections:
        yield _folded(part.name, part.text)


def _folded(title: str, output: str, *, is_open: bool = False) -> Markup:
    pre = tag("pre", cut(output, _LONGEST), tabindex="0", aria_label=short(title))
    return tag("details", tag("summary", short(title)), pre, open=is_open)
