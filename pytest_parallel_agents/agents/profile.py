"""Profiles: checks that measure. One that measured nothing must not pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from pytest_parallel_agents.agents.baseline import baseline_of
from pytest_parallel_agents.agents.judging import judge_findings
from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.errors import CheckFailed
from pytest_parallel_agents.marks import agent_mark
from pytest_parallel_agents.model.results import Evidence

__builtins__ = builtins

kind = "profile"

SETTLE: Final = pytest.StashKey[Callable[[], None]]()
"""Called before a block is measured, so that nothing else runs meanwhile."""


def judge(item: pytest.Item, evidence: Evidence) -> None:
    """Raise CheckFailed for a finding at or above the item's level, when there is no measurement, and when one is
    worse than in the baseline.
    """
    judge_findings(item, evidence)
    if not evidence.measurements:
        raise CheckFailed(
            "measured nothing",
            hint='use "with profile():", or the fixture "benchmark" without --benchmark-disable, or print measurements'
            ' in the format "findings" if the check is a command',
        )
    _refuse_regressions(item, evidence)


def _refuse_regressions(item: pytest.Item, evidence: Evidence) -> None:
    baseline = baseline_of(item.config)
    before = baseline.measurements.get(item.nodeid, ())
    if not before:
        return
    from pytest_parallel_agents.convergence.regressions import regression_phrase, regressions

    found = regressions(before, evidence.measurements, baseline.tolerances, alone=agent_mark(item).alone)
    worse = [regression_phrase(each.measurement, each.what, each.before, each.now, each.tolerance) for each in found]
    if worse:
        raise CheckFailed("\n".join(["worse than the baseline", *worse]))
