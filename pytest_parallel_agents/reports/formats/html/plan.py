"""What the run kept apart and why, which groups were decided by whom, and how it used its workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_parallel_agents.model.plan import Action
from pytest_parallel_agents.reports.formats.html.markup import Markup, short, tag
from pytest_parallel_agents.reports.formats.html.parts import check_link, more, row, section, table
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import ConflictEntry, GroupEntry, Report
from pytest_parallel_agents.reports.run_phrases import ACTIONS, agreement, decision

MOST_CONFLICTS: Final = 100
MOST_GROUPS: Final = 100
MOST_MEMBERS: Final = 20


def conflicts_section(report: Report) -> Markup | None:
    """Those that were not kept apart come first."""
    conflicts = report.independence.conflicts
    if not conflicts:
        return None
    ordered = sorted(conflicts, key=lambda each: each.action is Action.SERIALIZED)
    kept = "Every declared conflict was kept apart in time." if report.independence.verified else None
    head = ("what was done", "checks", "resource", "why", "evidence")
    rows = (_conflict(each) for each in ordered[:MOST_CONFLICTS])
    return section(
        "conflicts",
        f"Conflicts ({len(conflicts):,})",
        tag("p", kept) if kept else None,
        table("Checks that are not independent", head, rows),
        more(len(conflicts) - MOST_CONFLICTS, "more conflict"),
    )


def _conflict(conflict: ConflictEntry) -> Markup:
    done = ACTIONS[conflict.action]
    pair = tag("ul", tag("li", check_link(conflict.left)), tag("li", check_link(conflict.right)), class_="plain")
    resource = f"{short(conflict.resource)} ({conflict.source}, {conflict.verdict})"
    return row(done, pair, resource, short(conflict.reason), short(conflict.evidence))


def groups_section(report: Report) -> Markup | None:
    if not report.groups:
        return None
    head = ("group", "waits for", "how it was decided", "members")
    rows = (_group(each, report) for each in report.groups[:MOST_GROUPS])
    left_out = more(len(report.groups) - MOST_GROUPS, "more group")
    return section("groups", f"Groups ({len(report.groups):,})", table("Groups of checks", head, rows), left_out)


def _group(group: GroupEntry, report: Report) -> Markup:
    members = tag(
        "details",
        tag("summary", counted(len(group.members), "member")),
        tag("ul", *(tag("li", check_link(each)) for each in group.members[:MOST_MEMBERS])),
        more(len(group.members) - MOST_MEMBERS, "more member"),
    )
    decided = tag("span", short(decision(group, report)), class_="bad-text" if group.passed is False else "")
    votes = [tag("li", short(agreement(each))) for each in group.agreements[:MOST_MEMBERS]]
    found = tag("ul", *votes, class_="plain") if votes else None
    left_out = more(len(group.agreements) - MOST_MEMBERS, "more finding")
    return row(short(group.name), group.wait, tag("div", decided, found, left_out), members)


def schedule_facts(report: Report) -> Iterator[tuple[str, str]]:
    """Names and values of how the run used its time."""
    timing = report.timing
    yield "makespan", seconds(timing.makespan)
    yield "lower bound", seconds(timing.lower_bound)
    yield "one after another", seconds(timing.sequential)
    if timing.speedup is not None:
        yield "speedup", f"{timing.speedup:.2f}"
    if timing.efficiency is not None:
        yield "efficiency", f"{timing.efficiency:.0%}"
    yield "critical path", counted(len(timing.critical_path), "check")
