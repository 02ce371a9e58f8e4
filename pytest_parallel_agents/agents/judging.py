"""Common to all kinds: findings that are grave enough make a check fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from pytest_parallel_agents.agents.baseline import baseline_of
from pytest_parallel_agents.errors import CheckFailed
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model import Evidence, Finding, Level
from pytest_parallel_agents.printable import escape_lines

OVERRULED: Final = "the tool itself failed: "
"""Beginning of the note of a check that passes by the user's `fail-on`."""

_SHOWN = 50
_LONGEST = 1000
"""Characters of a finding that a failure shows. The report has more."""
_FAIL_ON = pytest.StashKey[Level]()


def set_fail_on(item: pytest.Item, level: Level) -> None:
    """Lets findings of the item from `level` upwards make it fail. By default errors do."""
    item.stash[_FAIL_ON] = level


def judge_findings(item: pytest.Item, evidence: Evidence) -> None:
    """Raise CheckFailed when a finding is at or above the item's level."""
    grave = _grave(item, evidence)
    if grave:
        raise CheckFailed(_findings_text(grave))


def judge_new_findings(item: pytest.Item, evidence: Evidence) -> None:
    """Raise CheckFailed when a finding at or above the item's level is not in the baseline."""
    grave = _grave(item, evidence)
    known = baseline_of(item.config).fingerprints
    new = [finding for finding in grave if finding.fingerprint not in known]
    if new:
        raise CheckFailed(_findings_text(new, unchanged=len(grave) - len(new)))


def _grave(item: pytest.Item, evidence: Evidence) -> list[Finding]:
    limit = item.stash.get(_FAIL_ON, Level.ERROR)
    return [finding for finding in evidence.findings if finding.level.severity >= limit.severity]


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
