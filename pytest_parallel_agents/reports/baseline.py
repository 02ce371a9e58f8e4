"""A report compared with an earlier one: new, fixed, unchanged, worse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from pytest_parallel_agents.agents.baseline import EarlierHotSpot, EarlierMeasurement
from pytest_parallel_agents.convergence.regressions import regressions, slower_functions
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.earlier import Earlier, EarlierFinding
from pytest_parallel_agents.reports.entries_of_checks import FindingEntry, HotSpotEntry, MeasurementEntry
from pytest_parallel_agents.reports.report import Baseline, RegressionEntry, Report, SlowerEntry

MOST_SLOWER: Final = 5
"""Functions of a measurement whose self time has grown."""

_JUDGED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.XPASSED})


def compared(report: Report, earlier: Earlier, *, tolerances: Mapping[str, float], alone: Container[str]) -> Report:
    """The report with its comparison. `alone` holds the node ids of checks that no other check ran beside."""
    known = earlier.fingerprints
    findings = [finding for check in report.checks for finding in check.findings]
    present = dict.fromkeys(finding.fingerprint for finding in findings)
    baseline = Baseline(
        new=tuple(finding for finding in findings if finding.fingerprint not in known),
        fixed=tuple(_fixed(report, earlier, present)),
        unchanged=tuple(fingerprint for fingerprint in present if fingerprint in known),
        regressions=(*_newly_failing(report, earlier), *_worse(report, earlier, tolerances, alone)),
    )
    return msgspec.structs.replace(report, baseline=baseline)


def _fixed(report: Report, earlier: Earlier, present: Container[str]) -> Iterator[FindingEntry]:
    """Each finding that is gone, if every check that had it ran again to its end."""
    finders: dict[str, set[str]] = defaultdict(set)
    gone: dict[str, EarlierFinding] = {}
    for check in earlier.checks:
        for finding in check.findings:
            if finding.fingerprint not in present:
                finders[finding.fingerprint].add(check.nodeid)
                gone.setdefault(finding.fingerprint, finding)
    completed = _completed(report)
    for fingerprint, finding in gone.items():
        if finders[fingerprint] <= completed:
            yield msgspec.convert(finding, FindingEntry, from_attributes=True)


def _completed(report: Report) -> set[str]:
    """The checks that ran to their end. One that raised an error of its own might have found more."""
    raised = report.evidence.frames if report.evidence else {}
    return {check.nodeid for check in report.checks if check.outcome in _JUDGED and check.nodeid not in raised}


def _newly_failing(report: Report, earlier: Earlier) -> Iterator[RegressionEntry]:
    outcomes = {check.nodeid: check.outcome for check in earlier.checks}
    for check in report.checks:
        before = outcomes.get(check.nodeid)
        if check.outcome.bad and not (before and before.bad):
            yield RegressionEntry(
                check=check.nodeid, measurement=None, what="outcome", before=before, now=check.outcome, tolerance=None
            )


def _worse(
    report: Report, earlier: Earlier, tolerances: Mapping[str, float], alone: Container[str]
) -> list[RegressionEntry]:
    """Those first in which some function's self time has grown most."""
    measurements = {check.nodeid: check.measurements for check in earlier.checks}
    found: list[RegressionEntry] = []
    for check in report.checks:
        before = measurements.get(check.nodeid, ())
        for worse in regressions(before, check.measurements, tolerances, alone=check.nodeid in alone):
            slower = slower_functions(_spots(before, worse.measurement), _spots(check.measurements, worse.measurement))
            found.append(
                RegressionEntry(
                    check=check.nodeid,
                    measurement=worse.measurement,
                    what=worse.what,
                    before=worse.before,
                    now=worse.now,
                    tolerance=worse.tolerance,
                    functions=msgspec.convert(slower[:MOST_SLOWER], tuple[SlowerEntry, ...], from_attributes=True),
                )
            )
    return sorted(found, key=lambda each: -max([spot.now - spot.before for spot in each.functions], default=0.0))


def _spots(
    measurements: Sequence[EarlierMeasurement] | Sequence[MeasurementEntry], name: str
) -> Iterator[EarlierHotSpot | HotSpotEntry]:
    for measured in measurements:
        if measured.name == name:
            yield from measured.hot_spots
