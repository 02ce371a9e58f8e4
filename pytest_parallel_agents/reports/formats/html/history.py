"""How checks did in earlier runs: since when they fail, which are flaky, which have grown slower."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_history import HistoryEntry, PastRunEntry, TrendEntry
from pytest_parallel_agents.reports.formats.html.markup import Markup, short, tag
from pytest_parallel_agents.reports.formats.html.parts import check_link, more, row, section, table
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Report

_BAR: Final = 10
_HEIGHT: Final = 40


def history_section(report: Report) -> Markup | None:
    if report.history is None:
        return None
    history = report.history
    rows = (_trend(each, history) for each in history.checks)
    head = ("check", "last runs, oldest first", "what is known")
    return section(
        "history",
        f"The last {counted(len(history.runs), 'run')}",
        _runs(history),
        table("Checks that fail, are flaky or have grown slower", head, rows) if history.checks else None,
        more(history.left_out, "more check that fails or is flaky", "more checks that fail or are flaky"),
    )


def _runs(history: HistoryEntry) -> Markup:
    """A bar for each run, as high as its share of failures, and the same in words for those who do not see it."""
    bars = (_run(number, run) for number, run in enumerate(history.runs))
    failing = ", ".join(f"{_bad(run):,}" for run in history.runs)
    width = _BAR * len(history.runs)
    label = f"failed checks of each run, oldest first: {failing}"
    chart = tag("svg", *bars, width=width, height=_HEIGHT, role="img", aria_label=label, class_="trend")
    return tag("figure", chart, tag("figcaption", label))


def _run(number: int, run: PastRunEntry) -> Markup:
    share = _bad(run) / max(1, sum(run.outcomes.values()))
    height = max(2.0, _HEIGHT * share)
    title = tag("title", f"{run.started}: {_bad(run):,} failed, {seconds(run.seconds)}")
    place = {"x": number * _BAR, "y": _HEIGHT - height, "width": _BAR - 2, "height": height}
    return tag("rect", title, class_="bad" if _bad(run) else "good", **place)


def _bad(run: PastRunEntry) -> int:
    return sum(count for outcome, count in run.outcomes.items() if outcome.bad)


def _trend(trend: TrendEntry, history: HistoryEntry) -> Markup:
    marks = " ".join(_mark(outcome) for outcome in trend.outcomes)
    known = tag("ul", *(tag("li", short(each)) for each in _known(trend, history)), class_="plain")
    return row(check_link(trend.nodeid), tag("code", marks), known)


def _known(trend: TrendEntry, history: HistoryEntry) -> Iterator[str]:
    for run in _at(history, trend.failing_since):
        yield f"fails since {run.started}{f' ({run.commit[:12]})' if run.commit else ''}"
    for run in _at(history, trend.passed_before):
        yield f"passed last {run.started}"
    if trend.flaky:
        yield f"flaky: {trend.flaky}"
    if trend.growth is not None:
        yield f"slower: {seconds(trend.growth.before)} before, {seconds(trend.growth.now)} now"


def _at(history: HistoryEntry, index: int | None) -> tuple[PastRunEntry, ...]:
    """The run of that index, if there is one."""
    return history.runs[index : index + 1] if index is not None and index >= 0 else ()


def _mark(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    return "F" if outcome.bad else "." if outcome.good else "s"
