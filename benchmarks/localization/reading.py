"""What trials' reports say: how they ended, and the evidence for rankings. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import msgspec

from benchmarks.localization.trials import Status
from pytest_parallel_agents.convergence.evidence import RunEvidence
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.evidence import evidence_from_report
from pytest_parallel_agents.reports.report import Report


class _Check(msgspec.Struct, frozen=True):
    nodeid: str
    outcome: Outcome
    duration: float


class _Run(msgspec.Struct, frozen=True):
    exit_code: int


class _Evidence(msgspec.Struct, frozen=True):
    measured_seconds: float = 0.0


class _Report(msgspec.Struct, frozen=True):
    """As much of a report as does not depend on its version."""

    run: _Run
    checks: tuple[_Check, ...]
    evidence: _Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPass:
    """Seconds of it, and those that the tests in the files of failing ones took before."""

    seconds: float
    files_seconds: float


def judged(report: bytes) -> Status:
    """Failed when tests did. Broken when something could not even be collected, or broke the run off."""
    read = msgspec.json.decode(report, type=_Report)
    if read.run.exit_code not in (0, 1) or any(check.outcome.bad and "::" not in check.nodeid for check in read.checks):
        return Status.BROKEN
    return Status.FAILED if any(check.outcome.bad for check in read.checks) else Status.PASSED


def is_readable(report: bytes) -> bool:
    """Whether its evidence has today's form."""
    try:
        evidence(report)
    except msgspec.DecodeError:
        return False
    return True


def failing_tests(report: bytes) -> frozenset[str]:
    """Their node ids."""
    read = msgspec.json.decode(report, type=_Report)
    return frozenset(check.nodeid for check in read.checks if check.outcome.bad)


def second_pass(report: bytes) -> SecondPass:
    """What it took."""
    read = msgspec.json.decode(report, type=_Report)
    bad = {check.nodeid.partition("::")[0] for check in read.checks if check.outcome.bad}
    files = sum(check.duration for check in read.checks if check.nodeid.partition("::")[0] in bad)
    return SecondPass(seconds=read.evidence.measured_seconds if read.evidence else 0.0, files_seconds=files)


def hung(report: bytes) -> bool:
    """Whether most of the tests that failed ran for ever."""
    read = msgspec.json.decode(report, type=_Report)
    ends = [check.outcome for check in read.checks if check.outcome.bad]
    return 2 * ends.count(Outcome.TIMED_OUT) > len(ends)


def evidence(report: bytes, failing: Container[str] | None = None) -> RunEvidence:
    """Of a run, without failures that are not `failing`, if that is given: they have other reasons."""
    run = evidence_from_report(msgspec.json.decode(report, type=Report))
    if failing is None:
        return run
    checks = tuple(check for check in run.checks if not check.outcome.bad or check.nodeid in failing)
    return msgspec.structs.replace(run, checks=checks)
