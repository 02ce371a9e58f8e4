"""The findings that no baseline has, and what changed since the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pytest_parallel_agents.reports.entries_of_checks import FindingEntry
from pytest_parallel_agents.reports.failures import finding_line
from pytest_parallel_agents.reports.formats.html.markup import Markup, short, tag
from pytest_parallel_agents.reports.formats.html.parts import check_link, kind_badge, more, row, section, table
from pytest_parallel_agents.reports.new_findings import new_findings
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Baseline, RegressionEntry, Report
from pytest_parallel_agents.reports.run_phrases import regression

MOST: Final = 300
MOST_OF_BASELINE: Final = 50


def findings_section(report: Report, indices: Mapping[str, int]) -> Markup | None:
    """`indices`: where the page lists each check, by node id."""
    listed = new_findings(report)
    if not listed:
        return None
    kinds = {check.nodeid: check.kind for check in report.checks}
    rows = (
        row(
            tag("span", each.finding.level, class_=f"level {each.finding.level}"),
            kind_badge(kinds.get(each.finding.check, "")),
            tag("code", short(_place(each.finding))),
            short(each.phrase),
            data_check=indices.get(each.finding.check),
            data_level=each.finding.level,
            data_path=short(each.finding.path or ""),
        )
        for each in listed[:MOST]
    )
    title = f"Findings ({len(listed):,})"
    head = ("level", "kind", "place", "what")
    return section("findings", title, table("Findings", head, rows), more(len(listed) - MOST, "more finding"))


def _place(finding: FindingEntry) -> str:
    return f"{finding.path or ''}{f':{finding.line}' if finding.line else ''}"


def baseline_section(report: Report) -> Markup | None:
    """The difference to the earlier report."""
    if report.baseline is None:
        return None
    return section("baseline", "Since the baseline", *_baseline(report.baseline))


def _baseline(baseline: Baseline) -> Iterator[Markup | None]:
    new, fixed, unchanged = len(baseline.new), len(baseline.fixed), len(baseline.unchanged)
    yield tag("p", f"{new:,} new, {fixed:,} fixed, {unchanged:,} unchanged findings")
    worse = baseline.regressions[:MOST_OF_BASELINE]
    if worse:
        yield tag("h3", f"Worse ({len(baseline.regressions):,})")
        yield tag("ul", *(_worse(each) for each in worse), class_="clues")
        yield more(len(baseline.regressions) - len(worse), "more regression")
    yield from _listed("New", baseline.new)
    yield from _listed("Fixed", baseline.fixed)


def _worse(entry: RegressionEntry) -> Markup:
    grown = (
        tag("li", f"{short(f'{each.path} {each.function}')}: {seconds(each.before)} before, {seconds(each.now)} now")
        for each in entry.functions
    )
    return tag("li", check_link(entry.check), f": {short(regression(entry))}", tag("ul", *grown))


def _listed(title: str, findings: tuple[FindingEntry, ...]) -> Iterator[Markup | None]:
    if findings:
        shown = findings[:MOST_OF_BASELINE]
        items = tag("ul", *(tag("li", finding_line(each)) for each in shown), class_="clues")
        summary = tag("summary", f"{title} {counted(len(findings), 'finding')}")
        yield tag("details", summary, items, more(len(findings) - len(shown), "more finding"))
