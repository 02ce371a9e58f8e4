"""Profiles: they measure. One that measured nothing must not pass."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.agents.judging import judge_findings
from pytest_parallel_agents.errors import CheckFailed
from pytest_parallel_agents.model import Evidence

kind = "profile"


def judge(item: pytest.Item, evidence: Evidence) -> None:
    """Raise CheckFailed for a finding at or above the item's level, and when there is no measurement."""
    judge_findings(item, evidence)
    if not evidence.measurements:
        raise CheckFailed(
            "measured nothing",
            hint='use "with profile():", or print measurements in the format "findings" if the check is a command',
        )
