"""`--agents-report x.md`: short enough to paste, for people and assistants who mend what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_parallel_agents.reports.cause_text import cause_as_markdown, failure_as_markdown
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FindingEntry
from pytest_parallel_agents.reports.failures import failures, finding_line, headline, shortened
from pytest_parallel_agents.reports.first_causes import first_causes, with_first_of_failures
from pytest_parallel_agents.reports.left_out import left_out
from pytest_parallel_agents.reports.markdown_text import code
from pytest_parallel_agents.reports.new_findings import new_findings
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.run_phrases import agreement
from pytest_parallel_agents.reports.run_remarks import run_remarks
from pytest_parallel_agents.reports.verdict import verdict

MOST_FAILURES: Final = 10
MOST_NAMED: Final = 20
MOST_FINDINGS: Final = 20
LINES_OF_FAILURE: Final = 10


def render(report: Report) -> bytes:
    """UTF-8 and CommonMark, whatever the checks wrote."""
    failed = failures(report)
    others = _other_findings(report)
    closing = left_out(
        report,
        failures=len(failed[MOST_FAILURES + MOST_NAMED :]),
        findings=len(others[MOST_FINDINGS:]),
    )
    lines = [
        *("# pytest --agents", "", verdict(report), ""),
        *_causes(report),
        *_failures(failed),
        *_section("Further findings", [f"- {code(finding_line(each))}" for each in others[:MOST_FINDINGS]]),
        *_panels(report),
        *_section("Remarks", [f"- {code(remark)}" for remark in run_remarks(report)]),
        *_section("Left out", [f"- {line}" for line in closing]),
    ]
    return ("\n".join(lines).rstrip("\n") + "\n").encode()


def _causes(report: Report) -> Iterator[str]:
    for number, (cause, whole) in enumerate(with_first_of_failures(first_causes(report)), start=1):
        yield from (f"## Look here: cause {number}", "", *cause_as_markdown(cause, whole=whole))


def _failures(failed: Sequence[CheckEntry]) -> Iterator[str]:
    if failed:
        yield from (f"## {counted(len(failed), 'failure')}", "")
    for check in failed[:MOST_FAILURES]:
        yield from (f"### {code(check.nodeid)}", "", *failure_as_markdown(check, LINES_OF_FAILURE))
    more = failed[MOST_FAILURES:][:MOST_NAMED]
    yield from _section("Further failures", [f"- {code(check.nodeid)}: {code(headline(check))}" for check in more])


def _panels(report: Report) -> Iterator[str]:
    for group in report.groups:
        lines = [f"- {code(agreement(each))}" for each in group.agreements[:MOST_NAMED]]
        yield from _section(f"Found by the panel {code(shortened(group.name))}", lines)


def _other_findings(report: Report) -> list[FindingEntry]:
    """Those of checks that did not fail: a failure has its own."""
    failed = frozenset(check.nodeid for check in report.checks if check.outcome.bad)
    return [each.finding for each in new_findings(report) if each.finding.check not in failed]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""] if lines else []
