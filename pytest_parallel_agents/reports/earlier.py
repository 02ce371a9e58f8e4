"""The parts of an earlier run's JSON report that a later run is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from pytest_parallel_agents.agents.baseline import Baseline, EarlierMeasurement
from pytest_parallel_agents.model.results import Level, Outcome
from pytest_parallel_agents.reports.reading import read_as


class EarlierFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that an earlier run reported."""

    rule: str
    level: Level
    message: str
    path: str | None
    line: int | None
    end_line: int | None
    fingerprint: str
    check: str


class EarlierCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check of an earlier run."""

    nodeid: str
    outcome: Outcome
    duration: float = 0.0
    findings: tuple[EarlierFinding, ...]
    measurements: tuple[EarlierMeasurement, ...]


class Earlier(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An earlier report. Fields that are not read here may be missing."""

    checks: tuple[EarlierCheck, ...]

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of all findings."""
        return frozenset(finding.fingerprint for check in self.checks for finding in check.findings)

    @cached_property
    def durations(self) -> Mapping[str, float]:
        """Seconds of the checks that ran, by node id."""
        return {check.nodeid: check.duration for check in self.checks if check.duration > 0}

    def baseline(self, tolerances: Mapping[str, float]) -> Baseline:
        """The parts that the agents need."""
        return Baseline(
            fingerprints=self.fingerprints,
            measurements={check.nodeid: check.measurements for check in self.checks if check.measurements},
            tolerances=dict(tolerances),
        )


def read_earlier(path: Path, flag: str) -> Earlier:
    """The report at `path`. Raises AgentsError, which names the `flag` that asked for it, for anything else."""
    return read_as(Earlier, path, where=f"{flag} {path}")
