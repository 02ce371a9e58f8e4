"""The only writer of results: reports and times go in, one result per check comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.agents.evidence import EVIDENCE, NOTHING, from_wire
from pytest_parallel_agents.controller.results.failure_text import failure_of, headline
from pytest_parallel_agents.controller.results.store import AttemptReports, ResultStore
from pytest_parallel_agents.model.results import Alone, Attempt, Evidence, Frame, Outcome
from pytest_parallel_agents.runtest.attempts import RERUN
from pytest_parallel_agents.wire.guarded import guarded
from pytest_parallel_agents.wire.report_data import seconds

Span: TypeAlias = tuple[float, float]
"""Start and stop of an attempt, in seconds since the run's start."""


class Outcomes:
    """Writes the results of checks into the `store`."""

    def __init__(self, store: ResultStore) -> None:
        self._store = store

    def report(self, index: int, report: pytest.TestReport) -> None:
        """Records one report of a check. A later attempt's reports replace an earlier one's."""
        entry = self._store.entry(index)
        if not entry.tries or (report.when == "setup" and entry.tries[-1].again):
            entry.tries.append(AttemptReports() if entry.tries else AttemptReports(entry.outcome, entry.message))
            entry.evidence = NOTHING if len(entry.tries) > 1 else entry.evidence
        last = entry.tries[-1]
        _note(last, report)
        if last.again:
            entry.outcome, entry.message = None, ""
        else:
            entry.outcome, entry.message = last.outcome, last.message
        if report.failed and entry.failure is None:
            entry.failure = failure_of(report)
        carried: Any = report.__dict__.pop(EVIDENCE, None)  # plugins that write reports write all their attributes
        if carried is not None:
            entry.evidence = guarded(lambda: from_wire(carried), lambda _: entry.evidence)  # a plugin may change it
            last.usage = entry.evidence.usage

    def passed(self, index: int, worker: str, span: Span) -> None:
        """A check has passed at its only attempt, with nothing but its times."""
        entry = self._store.entry(index)
        entry.outcome = Outcome.PASSED
        entry.attempts = (Attempt(outcome=Outcome.PASSED, worker=worker, start=span[0], stop=span[1]),)

    def lost(
        self, index: int, report: pytest.TestReport, outcome: Outcome, message: str, frames: tuple[Frame, ...] = ()
    ) -> None:
        """An attempt could not report: records this report in its place, and the frames in which it ended, if known.

        It is not the last one if the report is a rerun.
        """
        entry = self._store.entry(index)
        entry.tries.append(AttemptReports(outcome, message, again=not report.failed))
        entry.evidence = Evidence(frames=frames)
        if report.failed:
            entry.outcome, entry.message, entry.failure = outcome, message, failure_of(report)

    def settle(self, index: int, reports: Iterable[pytest.TestReport]) -> Outcome | None:
        """No other attempt follows: the last one, with these reports, counts. Returns its outcome."""
        entry = self._store.entry(index)
        entry.outcome, entry.message = entry.tries[-1].outcome, entry.tries[-1].message
        entry.failure = next((failure_of(report) for report in reports if report.failed), None)
        return entry.outcome

    def ran(self, index: int, attempts: Sequence[tuple[str, Span]]) -> None:
        """A check is over: records the worker and the times of each of its attempts."""
        entry = self._store.entry(index)
        if entry.outcome is None:  # a plugin has a protocol of its own; under pytest alone it would not be known either
            entry.outcome, entry.message = Outcome.CANCELLED, "ended without a report of its outcome"
        *earlier, (worker, last) = _attempts_of_all(attempts, entry.tries)
        self.tried(index, earlier)
        entry.attempts += (_attempt(entry.outcome, worker, last, entry.message),)

    def tried(self, index: int, attempts: Sequence[tuple[str, Span]]) -> None:
        """Records failed attempts of a check that is over with another one or none."""
        entry = self._store.entry(index)
        tries = iter(entry.tries)
        entry.attempts = tuple(_failed(next(tries, AttemptReports()), *one) for one in attempts)

    def cancelled(self, index: int, reason: str) -> None:
        """A check without a result of its own ends, for this reason."""
        entry = self._store.entry(index)
        entry.outcome, entry.message, entry.evidence, entry.failure = Outcome.CANCELLED, reason, NOTHING, None

    def outvoted(self, index: int) -> None:
        """A member of a panel has failed, and the panel has decided that what it found is no failure."""
        entry = self._store.entry(index)
        entry.outcome, entry.message, entry.failure = Outcome.PASSED, "", None
        *earlier, last = entry.attempts
        entry.attempts = (*earlier, replace(last, outcome=Outcome.PASSED, message=""))

    def weighed(self, index: int, evidence: Evidence) -> None:
        """What a member of a panel has found is as grave as the panel has decided."""
        self._store.entry(index).evidence = evidence

    def skipped(self, index: int, reason: str) -> None:
        """A check that never ran ends, for this reason."""
        entry = self._store.entry(index)
        entry.outcome, entry.message = Outcome.SKIPPED, reason

    def tried_alone(self, index: int, alone: Alone) -> None:
        """Records that a failed check was run once more, alone, which changes nothing else."""
        self._store.entry(index).alone = alone


def _attempt(outcome: Outcome, worker: str, span: Span, message: str) -> Attempt:
    return Attempt(outcome=outcome, worker=worker, start=span[0], stop=span[1], message=message)


def _failed(one: AttemptReports, worker: str, span: Span) -> Attempt:
    return _attempt(one.outcome or Outcome.FAILED, worker, span, one.message)


def _attempts_of_all(attempts: Sequence[tuple[str, Span]], tries: list[AttemptReports]) -> Sequence[tuple[str, Span]]:
    """All attempts, where a plugin that runs tests again has made several of one."""
    if len(attempts) > 1 or len(tries) < 2:  # noqa: PLR2004 - as many as there were attempts
        return attempts
    (worker, (begin, end)), first = attempts[0], tries[0].start or 0.0

    def within(at: float) -> float:
        """By our clock. A test may have set or stopped the clock of the reports."""
        return begin + min(max(0.0, at - first), end - begin)

    starts = [within(one.start or first) for one in tries]
    stops = [max(start, within(one.stop)) for start, one in zip(starts, tries[:-1], strict=False)]
    return [(worker, span) for span in zip(starts, [*stops, end], strict=True)]


def _note(one: AttemptReports, report: pytest.TestReport) -> None:
    """Adds one more report to an attempt."""
    one.start = seconds(report.start) if one.start is None else one.start
    one.stop = max(one.stop, seconds(report.stop))
    if str(report.outcome) != RERUN:
        one.outcome, explains = _fold(one.outcome, report)
    else:
        explains, one.again = not one.again, True
        if explains:
            one.outcome = Outcome.FAILED if report.when == "call" else Outcome.ERROR
    if explains:
        one.message = headline(report)


def _fold(before: Outcome | None, report: pytest.TestReport) -> tuple[Outcome | None, bool]:
    """The outcome with one more report, and whether the report explains it."""
    xfail = hasattr(report, "wasxfail")
    if before in (Outcome.FAILED, Outcome.ERROR):
        return before, False
    if report.failed:
        return (Outcome.FAILED if report.when == "call" else Outcome.ERROR), True
    if report.skipped:
        return (Outcome.XFAILED if xfail else Outcome.SKIPPED), True
    if report.when == "call" and before is None:
        return (Outcome.XPASSED if xfail else Outcome.PASSED), xfail
    return before, False
