"""Where to look first: the first causes in full, the others in a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import dedent
from typing import Final
from urllib.parse import urlencode

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.printable import escape_lines
from pytest_parallel_agents.reports.cause_text import cause_as_prompt
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.first_causes import (
    advice,
    first_causes,
    kinds_phrase,
    likeliest_lines,
    place,
    sum_phrase,
)
from pytest_parallel_agents.reports.formats.html.markup import Markup, short, tag
from pytest_parallel_agents.reports.formats.html.parts import check_link, kind_badge, more, section
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report

MOST_CLUES: Final = 12
MOST_FAILURES: Final = 10
MOST_UNEXPLAINED: Final = 10
MOST_OTHERS: Final = 100


def causes_section(report: Report) -> Markup | None:
    """None when nothing needs mending."""
    first = first_causes(report)
    others = [cause for cause in report.causes if cause not in first]
    if not first and not report.unexplained:
        return None
    return section("causes", "Look here first", *_causes(report, first), *_unexplained(report), _others(others))


def _causes(report: Report, causes: Sequence[CauseEntry]) -> Iterator[Markup]:
    """Open is the likeliest of each cluster: the others of it are second thoughts about the same failures."""
    seen = set[int]()
    for number, cause in enumerate(causes, start=1):
        yield _cause(report, cause, number, is_open=cause.cluster not in seen)
        seen.add(cause.cluster)


def _cause(report: Report, cause: CauseEntry, number: int, *, is_open: bool) -> Markup:
    name = escape_lines(short(f"{cause.path}::{cause.function}"))
    link = tag("a", f"{number}", href=f"#{urlencode({'cause': name})}", class_="number", title="link to this cause")
    failures = counted(cause.failure_count, "failure") if cause.failure_count else ""
    heading = tag(
        "summary",
        tag("h3", link, tag("code", short(place(cause)))),
        tag("span", *map(kind_badge, dict.fromkeys(clue.kind for clue in cause.evidence)), class_="badges"),
        tag("span", failures, class_="quiet"),
    )
    columns = tag("div", _excerpt(cause), _evidence(cause), class_="columns")
    body = (columns, _prompt(report, cause))
    return tag("details", heading, *body, class_="cause", data_cause=name, open=is_open)


def _excerpt(cause: CauseEntry) -> Markup | None:
    """The lines around the likeliest statement, or at least the statements."""
    likeliest = frozenset(likeliest_lines(cause))
    lines = [(each.line, each.text) for each in cause.excerpt]
    lines = lines or sorted((each.line, each.text) for each in cause.lines if each.text)
    if not lines:
        return None
    texts = dedent("\n".join(text.replace("\n", "\\n") for _, text in lines)).split("\n")
    numbered = zip((number for number, _ in lines), texts, strict=True)
    rows = (_source_line(number, text, is_likeliest=number in likeliest) for number, text in numbered)
    return tag("pre", *rows, class_="source", tabindex="0", aria_label=f"source of {place(cause)}")


def _source_line(number: int, source: str, *, is_likeliest: bool) -> Markup:
    mark = tag("span", "likeliest: ", class_="unseen") if is_likeliest else None
    return tag(
        "mark" if is_likeliest else "span",
        mark,
        tag("span", f"{number:>4}  ", class_="line-number"),
        f"{source}\n",
    )


def _evidence(cause: CauseEntry) -> Markup:
    equal = Counter((clue.kind, clue.what) for clue in cause.evidence)
    clues = list(equal.items())[:MOST_CLUES]
    agreement = f"{counted(cause.confidence, 'kind')} of evidence agree" if cause.confidence > 1 else None
    return tag(
        "div",
        tag("p", tag("strong", short(advice(cause))), f": {agreement}" if agreement else None),
        tag("ul", *(_clue(*clue, times) for clue, times in clues), class_="clues"),
        more(len(equal) - len(clues), "more clue"),
        tag("p", sum_phrase(cause), class_="quiet") if cause.basis is Basis.FAILURES else None,
        _explained(cause),
        class_="evidence",
    )


def _clue(kind: str, what: str, times: int) -> Markup:
    return tag("li", kind_badge(kind), " ", short(what), f" \N{MULTIPLICATION SIGN}{times:,}" if times > 1 else None)


def _explained(cause: CauseEntry) -> Markup | None:
    if not cause.failures:
        return None
    shown = cause.failures[:MOST_FAILURES]
    items = (tag("li", check_link(nodeid)) for nodeid in shown)
    left_out = more(cause.failure_count - len(shown), "more failure")
    return tag(
        "details", tag("summary", f"may explain {counted(cause.failure_count, 'failure')}"), tag("ul", *items), left_out
    )


def _prompt(report: Report, cause: CauseEntry) -> Markup:
    """The button works only with scripts, the text beside it always."""
    text = tag("pre", cause_as_prompt(report, cause), tabindex="0", aria_label="prompt for an assistant")
    return tag(
        "div",
        tag("button", "Copy as prompt", type="button", class_="copy", hidden=True),
        tag("details", tag("summary", "Prompt for an assistant"), text),
        class_="prompt",
    )


def _unexplained(report: Report) -> Iterator[Markup]:
    for entry in report.unexplained[:MOST_UNEXPLAINED]:
        shown = entry.checks[:MOST_FAILURES]
        yield tag(
            "div",
            tag("h3", f"No cause known of {counted(len(entry.checks), 'failure')}"),
            tag("p", short(entry.why)),
            tag("ul", *(tag("li", check_link(nodeid)) for nodeid in shown)),
            more(len(entry.checks) - len(shown), "more failure"),
            class_="cause",
        )


def _others(others: list[CauseEntry]) -> Markup | None:
    if not others:
        return None
    items = (
        tag("li", tag("code", short(place(cause))), f" {short(kinds_phrase(cause))}") for cause in others[:MOST_OTHERS]
    )
    left_out = more(len(others) - MOST_OTHERS, "more place")
    return tag("details", tag("summary", counted(len(others), "less likely place")), tag("ol", *items), left_out)
