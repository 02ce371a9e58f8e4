"""What trials' reports say: how they ended, and the evidence for rankings. Pure."""

from __future__ import annotations

import msgspec

from benchmarks.localization.trials import Status
from pytest_parallel_agents.model import Outcome


class _Check(msgspec.Struct, frozen=True):
    nodeid: str
    outcome: Outcome


class _Run(msgspec.Struct, frozen=True):
    exit_code: int


class _Report(msgspec.Struct, frozen=True):
    """As much of a report as does not depend on its version."""

    run: _Run
    checks: tuple[_Check, ...]


def judged(report: bytes) -> Status:
    """Failed when tests did. Broken when something could not even be collected, or broke the run off."""
    read = msgspec.json.decode(report, type=_Report)
    if read.run.exit_code not in (0, 1) or any(check.outcome.bad and "::" not in check.nodeid for check in read.checks):
        return Status.BROKEN
    return Status.FAILED if any(check.outcome.bad for check in read.checks) else Status.PASSED
