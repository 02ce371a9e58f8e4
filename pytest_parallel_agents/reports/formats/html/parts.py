"""Small parts of the page that its sections have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.printable import escape_lines
from pytest_parallel_agents.reports.formats.html.markup import Markup, short, tag
from pytest_parallel_agents.reports.phrases import counted

_MARKS: Final = {Outcome.PASSED: "\N{CHECK MARK}", Outcome.XPASSED: "\N{CHECK MARK}"}


def section(name: str, title: str, *children: str | None) -> Markup:
    """A part of the page with a heading, to which `#name` leads."""
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, *children, id=name, aria_labelledby=f"{name}-title", tabindex="-1")


def table(caption: str, head: Iterable[str], rows: Iterable[Markup]) -> Markup:
    """`rows` are elements `tr`."""
    columns = (tag("th", each, scope="col") for each in head)
    return tag(
        "div",
        tag("table", tag("caption", caption), tag("thead", tag("tr", *columns)), tag("tbody", *rows)),
        class_="wide",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def row(*cells: str | None, **attributes: str | float | None) -> Markup:
    return tag("tr", *(tag("td", cell) for cell in cells), **attributes)


def more(left_out: int, noun: str, plural: str = "") -> Markup | None:
    """What is not shown for want of room."""
    return tag("p", f"{counted(left_out, noun, plural)}: see the JSON report", class_="cut") if left_out > 0 else None


def outcome_badge(outcome: Outcome) -> Markup:
    name = outcome.replace("_", " ")
    return tag(
        "span", f"{_MARKS.get(outcome, '')} {name}".strip(), class_=f"outcome {'bad' if outcome.bad else outcome}"
    )


def kind_badge(kind: str) -> Markup:
    """The script gives it the colour that the kind has in the timeline."""
    return tag("span", short(kind), class_="kind", data_kind=short(kind))


def check_link(nodeid: str) -> Markup:
    """Opens the check where scripts run."""
    shown = escape_lines(short(nodeid))
    return tag("a", shown, href=f"#{urlencode({'check': shown})}")
