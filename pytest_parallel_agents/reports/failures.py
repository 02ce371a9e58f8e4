"""The failed checks of a report: in which order to read them, what tells most of each, and how to run it alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.alone import passes_alone
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FailureEntry, FindingEntry
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report

LONGEST: Final = 160
"""Characters of a line."""

_MOST_PLACES: Final = 4
_PLACE: Final = re.compile(r">|\S.*:\d+: ")
"""Lines of a traceback that show where it was: the line of code, or the file and its number."""


def failures(report: Report) -> list[CheckEntry]:
    """All failed checks. One of each cause comes before the second of any."""
    causes: dict[str, int] = {}
    for number, cause in enumerate(report.causes):
        for nodeid in cause.failures:
            causes.setdefault(nodeid, cause.cluster or -number)
    places: Counter[int | None] = Counter()
    ranked = []
    for check in report.checks:
        if check.outcome.bad:
            cluster = causes.get(check.nodeid)
            ranked.append((places[cluster], check))
            places[cluster] += 1
    return [check for _, check in sorted(ranked, key=lambda each: each[0])]


def failures_of(report: Report, cause: CauseEntry) -> list[CheckEntry]:
    """The failed checks that a cause may explain, and those that are evidence for it."""
    named = {*cause.failures, *(clue.check for clue in cause.evidence)}
    return [check for check in report.checks if check.outcome.bad and check.nodeid in named]


def command(check: CheckEntry) -> str:
    """What repeats its failure: alone, or after what had run before where it passes alone. Empty if not known, and if
    it cannot be shown as it is: escaped it would run something else.
    """
    repeats = (passes_alone(check.alone) and check.replay) or check.reproduce or ""
    repeats = repeats.encode("utf-8", "backslashreplace").decode()  # as in a report that was read back
    return repeats if escape(repeats) == repeats else ""


def headline(check: CheckEntry) -> str:
    """One line on why it ended so."""
    first = next((line for line in check.message.splitlines() if line.strip()), "")
    return shortened(first) or check.outcome.replace("_", " ")


def telling_lines(check: CheckEntry, most: int) -> list[str]:
    """The findings of a failed check, or the lines of its traceback that tell most: at most `most`, and what is left
    out.
    """
    if check.findings:
        lines = [finding_line(each) for each in sorted(check.findings, key=lambda each: -each.level.severity)]
        return _bounded(lines, range(min(most, len(lines))), "finding")
    text = check.failure.text if isinstance(check.failure, FailureEntry) else check.message
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return _bounded(lines, _telling(lines, most), "line")


def finding_line(finding: FindingEntry) -> str:
    """`src/a.py:3: error F401: "os" imported but unused`, with the votes of a panel if there was one."""
    where = f"{finding.path or '(no file)'}:{finding.line or '-'}"
    votes = "" if finding.votes is None else f" ({counted(finding.votes, 'vote')})"
    return shortened(f"{where}: {finding.level} {finding.rule}{votes}: {' '.join(finding.message.splitlines())}")


def shortened(text: str) -> str:
    """One line, escaped, of bounded length."""
    return cut(escape(text), LONGEST)


def _telling(lines: Sequence[str], most: int) -> Sequence[int]:
    """Indices of the error's own lines and the innermost places; of a text without any, both ends."""
    errors = [number for number, line in enumerate(lines) if line.startswith("E ")]
    if not errors:
        head = most // 3
        tail = range(max(head, len(lines) - (most - head)), len(lines))
        return [*range(min(head, len(lines))), *tail]
    places = [number for number, line in enumerate(lines) if _PLACE.match(line)]
    places = places[-min(_MOST_PLACES, max(1, most - len(errors))) :]
    return sorted((*places, *errors[: most - len(places)]))


def _bounded(lines: Sequence[str], kept: Sequence[int], noun: str) -> list[str]:
    left_out = len(lines) - len(kept)
    more = [f"... {left_out:,} more {noun}{'s' if left_out > 1 else ''}"] if left_out else []
    return [*(cut(escape(lines[number]), LONGEST) for number in kept), *more]
