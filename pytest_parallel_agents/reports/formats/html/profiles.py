"""Measurements, and the functions that took the time as bars."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, HotSpotEntry, MeasurementEntry
from pytest_parallel_agents.reports.formats.html.markup import Markup, short, tag
from pytest_parallel_agents.reports.formats.html.parts import check_link, more, row, section, table
from pytest_parallel_agents.reports.measurement_phrases import measurement_phrase
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Report

MOST: Final = 50
MOST_SPOTS: Final = 10
_WIDTH: Final = 200.0


def profiles_section(report: Report) -> Markup | None:
    measured = [(check, each) for check in report.checks for each in check.measurements]
    if not measured:
        return None
    shown = measured[:MOST]
    parts = (_measurement(check, each) for check, each in shown)
    left_out = more(len(measured) - len(shown), "more measurement")
    return section("profiles", f"Measurements ({len(measured):,})", *parts, left_out)


def _measurement(check: CheckEntry, measurement: MeasurementEntry) -> Markup:
    name = f" {short(measurement.name)}" if measurement.name not in ("", check.name) else ""
    flame_graphs = f"flame graphs: {', '.join(measurement.flame_graphs)}" if measurement.flame_graphs else ""
    return tag(
        "article",
        tag("h3", check_link(check.nodeid), name),
        tag("p", measurement_phrase(measurement)),
        tag("p", short(flame_graphs), class_="quiet") if flame_graphs else None,
        _hot_spots(measurement),
        class_="measurement",
    )


def _hot_spots(measurement: MeasurementEntry) -> Markup | None:
    spots = sorted(measurement.hot_spots, key=lambda each: -each.self_seconds)[:MOST_SPOTS]
    if not spots:
        return None
    longest = max(each.cumulative_seconds for each in measurement.hot_spots)
    head = ("function", "calls", "own time", "with what it calls", "share")
    caption = "Where the time goes: own time dark, with what it calls light"
    return table(caption, head, (_hot_spot(each, longest) for each in spots))


def _hot_spot(spot: HotSpotEntry, longest: float) -> Markup:
    return row(
        tag("code", short(f"{spot.path}:{spot.line} {spot.function}")),
        counted(spot.calls, "call"),
        seconds(spot.self_seconds),
        seconds(spot.cumulative_seconds),
        _bar(spot, longest),
    )


def _bar(spot: HotSpotEntry, longest: float) -> Markup:
    """Drawn by attributes: the page forbids styles that are not its own."""
    scale = _WIDTH / longest if longest > 0 else 0.0
    rectangles = (
        tag("rect", class_=which, width=f"{value * scale:.1f}", height="12")
        for which, value in (("cumulative", spot.cumulative_seconds), ("own", spot.self_seconds))
    )
    return tag("svg", *rectangles, width=f"{_WIDTH:.0f}", height="12", aria_hidden="true", class_="bar")
