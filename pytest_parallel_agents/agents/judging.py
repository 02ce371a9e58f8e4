"""What all kinds have in common: findings that are grave enough make a check fail."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_parallel_agents.errors import CheckFailed
from pytest_parallel_agents.model import Evidence, Finding, Level

_SHOWN = 50
_FAIL_ON = pytest.StashKey[Level]()


def set_fail_on(item: pytest.Item, level: Level) -> None:
    """Let findings of the item from `level` upwards make it fail. Without it, from errors upwards."""
    item.stash[_FAIL_ON] = level


def judge_findings(item: pytest.Item, evidence: Evidence) -> None:
    """Raise CheckFailed when a finding is at or above the item's level."""
    limit = item.stash.get(_FAIL_ON, Level.ERROR)
    grave = [finding for finding in evidence.findings if finding.level.severity >= limit.severity]
    if grave:
        raise CheckFailed(_told(grave))


def _told(findings: Sequence[Finding]) -> str:
    lines = [_line(finding) for finding in findings[:_SHOWN]]
    hidden = len(findings) - len(lines)
    count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
    return "\n".join([count, *lines, *([f"... and {hidden} more"] if hidden else [])])


def _line(finding: Finding) -> str:
    place = [str(part) for part in (finding.path, finding.line) if part is not None]
    return f"{':'.join(place)}{': ' if place else ''}{finding.level} {finding.rule}: {finding.message}"
