"""Common to all kinds: findings that are grave enough make a check fail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import pytest

from pytest_parallel_agents.agents.baseline import baseline_of
from pytest_parallel_agents.errors import CheckFailed
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Evidence, Finding
from pytest_parallel_agents.printable import escape_lines

OVERRULED: Final = "the tool itself failed: "
"""Beginning of the note of a check that passes by the user's `fail-on`."""

OUTVOTED: Final = "outvoted: "
"""Beginning of the note of a member of a panel on some of whose findings too few agree."""

_SHOWN = 50
_LONGEST = 1000
"""Characters of a finding that a failure shows. The report has more."""


def judge_findings(item: pytest.Item, evidence: Evidence) -> None:  # noqa: ARG001 - as agents have it
    """Raise CheckFailed when a finding is at or above the check's level."""
    grave = grave_findings(evidence, frozenset())
    if grave:
        raise CheckFailed(_findings_text(grave))


def judge_new_findings(item: pytest.Item, evidence: Evidence) -> None:
    """Raise CheckFailed when a finding at or above the item's level is not in the baseline."""
    grave = grave_findings(evidence, frozenset())
    new = grave_findings(evidence, baseline_of(item.config).fingerprints)
    if new:
        raise CheckFailed(_findings_text(new, unchanged=len(grave) - len(new)))


def grave_findings(evidence: Evidence, known: Collection[str]) -> list[Finding]:
    """Those at or above the level from which they make the check fail, less those of the `known` fingerprints."""
    least = evidence.fail_on.severity
    return [each for each in evidence.findings if each.level.severity >= least and each.fingerprint not in known]


def _findings_text(findings: Sequence[Finding], *, unchanged: int = 0) -> str:
    lines = [_line(finding) for finding in findings[:_SHOWN]]
    hidden = len(findings) - len(lines)
    rest = [f"... and {hidden} more"] if hidden else []
    if unchanged:
        rest.append(f"{_counted(unchanged, 'unchanged finding')} of the baseline")
    return "\n".join([_counted(len(findings), "new finding" if unchanged else "finding"), *lines, *rest])


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _line(finding: Finding) -> str:
    place = [str(part) for part in (finding.path, finding.line) if part is not None]
    text = f"{':'.join(place)}{': ' if place else ''}{finding.level} {finding.rule}: {finding.message}"
    return escape_lines(cut(text, _LONGEST), indent="    ")
