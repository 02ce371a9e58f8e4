"""The whole document: what can be read without scripts, the data, and the script that filters and draws."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import quote

from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.failures import failures
from pytest_parallel_agents.reports.formats.html.causes import causes_section
from pytest_parallel_agents.reports.formats.html.data import page_data
from pytest_parallel_agents.reports.formats.html.failures import failures_section
from pytest_parallel_agents.reports.formats.html.findings import baseline_section, findings_section
from pytest_parallel_agents.reports.formats.html.history import history_section
from pytest_parallel_agents.reports.formats.html.markup import Markup, joined, short, tag, text
from pytest_parallel_agents.reports.formats.html.plan import conflicts_section, groups_section, schedule_facts
from pytest_parallel_agents.reports.formats.html.profiles import profiles_section
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.usage import of_run
from pytest_parallel_agents.reports.verdict import verdict

_SCRIPTS: Final = (
    "dom.js",
    "data.js",
    "filters.js",
    "state.js",
    "filter_bar.js",
    "table.js",
    "details.js",
    "scale.js",
    "drawing.js",
    "timeline.js",
    "main.js",
)
"""In the order in which they need each other."""

MOST_BYTES_OF_SECTIONS: Final = 1_500_000

_COLOURS: Final = {True: "#1a7f37", False: "#cf222e"}


def render(report: Report) -> bytes:
    """The page, in UTF-8."""
    checks = _ordered(report)
    style = _asset("page.css")
    script = '(() => {\n"use strict";\n' + "\n".join(map(_asset, _SCRIPTS)) + "})();\n"
    page = Template(_asset("page.html")).substitute(
        policy=_policy(style, script),
        title=text(short(verdict(report))),
        icon=_icon(is_good=report.run.exit_code == 0),
        style=style,
        header=_header(report),
        causes=joined([causes_section(report)]),
        failures=joined([failures_section(report, checks)]),
        facts=joined(tag("div", tag("dt", name), tag("dd", value)) for name, value in schedule_facts(report)),
        details=_details(report, checks),
        data=page_data(report, checks).decode(),
        script=script,
    )
    return page.encode("utf-8", "backslashreplace")


def _ordered(report: Report) -> list[CheckEntry]:
    """Failures first."""
    return [*failures(report), *(check for check in report.checks if not check.outcome.bad)]


def _details(report: Report, checks: list[CheckEntry]) -> Markup:
    indices = {check.nodeid: index for index, check in enumerate(checks)}
    sections = (
        findings_section(report, indices),
        conflicts_section(report),
        groups_section(report),
        baseline_section(report),
        profiles_section(report),
        history_section(report),
    )
    return joined(_bounded(filter(None, sections)))


def _bounded(sections: Iterable[Markup]) -> Iterator[Markup]:
    """Each has room for hundreds of entries, if they are not all as long as they may be."""
    left = MOST_BYTES_OF_SECTIONS
    for shown in sections:
        size = len(shown.encode())
        if size > left:
            yield tag("p", "A part of the report is left out for want of room: see the JSON report.", class_="cut")
        else:
            left -= size
            yield shown


def _header(report: Report) -> Markup:
    run = report.run
    facts = (run.started, counted(run.workers, "worker"), counted(run.cpus, "CPU"), f"Python {run.python}", run.root)
    shards = f"{counted(len(report.shards), 'shard')}" if report.shards else run.shard and f"shard {run.shard}"
    spent = of_run(report)
    commit = f"commit {run.commit[:12]}" if run.commit else None
    return joined(
        (
            tag("h1", short(verdict(report)), class_="good" if run.exit_code == 0 else "bad"),
            tag(
                "p",
                " \N{MIDDLE DOT} ".join(filter(None, (*map(short, facts), shards, commit, spent and f"spent {spent}"))),
                class_="quiet",
            ),
        )
    )


def _policy(style: str, script: str) -> str:
    """Nothing but this style and this script: what else a check might smuggle in neither runs nor loads anything."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _icon(*, is_good: bool) -> str:
    circle = f"<circle cx='4' cy='4' r='4' fill='{_COLOURS[is_good]}'/>"
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'>{circle}</svg>"
    return f"data:image/svg+xml,{quote(picture)}"


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath("assets", name).read_text("utf-8")
