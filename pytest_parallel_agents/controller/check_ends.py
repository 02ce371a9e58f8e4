"""How checks end: what is recorded, and what plugins and people are shown.

One method for each way in which an attempt or a check can end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import pytest

from pytest_parallel_agents.compat.xdist import WorkerNode
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.results.groups import GroupOutcomes
from pytest_parallel_agents.controller.results.outcome_writer import Outcomes, Span
from pytest_parallel_agents.controller.results.pending_retries import FinishedAttempt, PendingRetries
from pytest_parallel_agents.controller.results.replay import Replay, is_plain_pass
from pytest_parallel_agents.controller.results.same_reasons import SameReasons
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.termination import Cancelled, TimedOut
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.runtest.stacks import project_frames
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages

_BROKEN: Final = frozenset({Outcome.ERROR, Outcome.CRASHED})
"""How a check ends whose processes are ended while it goes on."""


UNAFFORDABLE: Final = "not enough is left of the run's budget"


class LostAttempt(msgspec.Struct, frozen=True):
    """An attempt that its worker could not report: `message` is why, and `output` is what it had printed."""

    check: int
    span: Span
    outcome: Outcome
    message: str
    output: Sequence[tuple[str, str]]


class CheckEnds:
    """Results are read from `store`. A failed attempt is kept until its check is over."""

    def __init__(
        self, store: ResultStore, replay: Replay, groups: GroupOutcomes, observer: Observer, pending: PendingEvents
    ) -> None:
        self.store = store
        self._outcomes = Outcomes(store)
        self._replay = replay
        self._groups = groups
        self._observer = observer
        self._pending = pending
        self._retries = PendingRetries()
        self._same_reasons = SameReasons()

    def tried(self, lanes: Iterable[Sequence[int]]) -> tuple[tuple[int, int], ...]:
        """The checks of these lanes that have been tried, and how often."""
        return self._retries.of(lanes)

    def finished(self, worker: RemoteWorker, message: messages.Finished, span: Span) -> None:
        """The check's worker has reported its end."""
        check = message.check
        if message.error:
            reports = self._replay.failure(check, message.error, Outcome.ERROR)
            self._outcomes.lost(check, reports[0], Outcome.ERROR, message.error.partition("\n")[0])
            self._same_reasons.note(reports[0])
            self._over(check, [*self._retries.take(check), FinishedAttempt(worker.node, span, reports)])
        elif is_plain_pass(message.phases) and not (self._retries.tried(check) or self._groups.concerns(check)):
            self._outcomes.passed(check, worker.name, span)
            self._replay.show_passed(check, worker.node, message.phases)
            self._observer.finished(check)
        else:
            attempt = FinishedAttempt(worker.node, span, self._record(check, message.phases))
            self._over(check, [*self._retries.take(check), attempt])

    def attempt_failed(self, worker: RemoteWorker, message: messages.AttemptFailed, span: Span) -> None:
        """The check's worker has reported the end of an attempt, and retries."""
        reports = self._record(message.check, message.phases)
        self._retries.add(message.check, FinishedAttempt(worker.node, span, reports))

    def late_report(self, worker: RemoteWorker, check: int, phase: messages.Phase) -> None:
        """A report of a check that was over. If it passed it is only recorded."""
        for report in self._record(check, [phase]):
            if not report.passed:
                self._replay.show_late(check, worker.node, report)

    def timed_out(self, worker: RemoteWorker, termination: TimedOut, span: Span, *, may_retry: bool) -> bool:
        """The check's worker was asked to end. Returns whether the check is to be retried, which needs `may_retry`."""
        output = worker.command_output() or termination.output  # a command may have printed more meanwhile
        check = termination.attempt.check
        lost = LostAttempt(check, span, Outcome.TIMED_OUT, termination.message, output)
        return self._lost(worker, lost, may_retry=may_retry)

    def crashed(self, worker: RemoteWorker, check: int, span: Span, text: str, *, may_retry: bool) -> bool:
        """The check's worker has ended; `text` is how. Returns whether the check is to be retried."""
        lost = LostAttempt(check, span, Outcome.CRASHED, text, worker.last_output())
        return self._lost(worker, lost, may_retry=may_retry)

    def cancelled(self, worker: RemoteWorker, termination: Cancelled, span: Span) -> None:
        """The check ran and was not needed any more."""
        self._cancel(termination.check, worker.node)
        self._ran(termination.check, [*self._retries.take(termination.check)], (worker.name, span))
        self._observer.finished(termination.check)

    def dropped(self, check: int) -> None:
        """The check was not needed any more before it began."""
        self._cancel(check, None)
        self._outcomes.tried(check, [(each.worker, each.span) for each in self._retries.take(check)])
        self._observer.finished(check)

    def unaffordable(self, check: int) -> None:
        """What is left of the budget is not enough for the check, which has not begun."""
        self._outcomes.skipped(check, f"Skipped: {UNAFFORDABLE}")
        self._replay.show_skipped(check, None, UNAFFORDABLE)
        self._count(check, passed=False)
        self._observer.finished(check)

    def interrupted(self, worker: RemoteWorker, check: int, span: Span) -> None:
        """The run ends, and the check is not shown to plugins."""
        self._outcomes.cancelled(check, "interrupted")
        self._ran(check, self._retries.take(check), (worker.name, span))

    def abandon_retries(self) -> None:
        """The run is over: of checks with pending retries the last attempt counts."""
        for check in self._retries:
            attempts = self._retries.take(check)
            if attempts:  # another check's end may have cancelled it meanwhile
                reports = attempts[-1].reports
                self._replay.as_failed(reports)
                if self._outcomes.settle(check, reports) is Outcome.CRASHED:
                    self._replay.crashed(reports[-1])
                self._over(check, attempts)

    def close(self) -> None:
        """The run is over: reports that were withheld for an undecided group count, and so do the votes of panels."""
        self._release(at_end=True)
        for check, evidence in self._groups.weighed():
            self._outcomes.weighed(check, evidence)

    def _record(self, check: int, phases: Sequence[messages.Phase]) -> list[pytest.TestReport]:
        reports = self._replay.decode(check, phases)
        for report in reports:
            self._outcomes.report(check, report)
        return reports

    def _lost(self, worker: RemoteWorker, lost: LostAttempt, *, may_retry: bool) -> bool:
        check = lost.check
        again = may_retry and self._retries.tried(check) < self.store.check(check).retries
        stacks = worker.stacks()
        text = f"{lost.message}\n\n{stacks}" if stacks else lost.message
        reports = self._replay.failure(check, text, lost.outcome, lost.output, again=again)
        frames = project_frames(stacks, worker.node.config.rootpath)
        self._outcomes.lost(check, reports[0], lost.outcome, text.partition("\n")[0], frames)
        attempt = FinishedAttempt(worker.node, lost.span, reports)
        if again:
            self._retries.add(check, attempt)
        else:
            self._over(check, [*self._retries.take(check), attempt])
        return again

    def _over(self, check: int, attempts: Sequence[FinishedAttempt]) -> None:
        """Shows all attempts of a check, of which the last counts."""
        self._ran(check, attempts)
        self._show(check, attempts)
        self._observer.finished(check)

    def _ran(self, check: int, earlier: Iterable[FinishedAttempt], *last: tuple[str, Span]) -> None:
        self._outcomes.ran(check, [*((each.worker, each.span) for each in earlier), *last])

    def _show(self, check: int, attempts: Sequence[FinishedAttempt]) -> None:
        """Shows plugins a check, now or when it is certain that it counts."""
        node, reports = attempts[-1].node, [report for each in attempts for report in each.reports]
        if not self._groups.concerns(check):
            self._replay.show(check, node, reports)
            return
        outcome = self.store.outcome(check)
        if outcome in _BROKEN and self._groups.is_cancelled(check):  # a command may end before its worker does
            self._cancel(check, node)
            return
        if outcome.bad:
            self._groups.withhold(check, node, reports)
        else:
            self._replay.show(check, node, reports)
        self._count(check, passed=outcome.good)

    def _cancel(self, check: int, node: WorkerNode | None) -> None:
        reason = self._groups.cancel_reason(check)
        self._outcomes.cancelled(check, reason)
        self._replay.show_skipped(check, node, reason)
        self._count(check, passed=False)

    def _count(self, check: int, *, passed: bool) -> None:
        if cancelled := self._groups.count(check, passed=passed):
            self._pending.put(events.ChecksCancelled(checks=cancelled, time=self._pending.now()))
        self._release()

    def _release(self, *, at_end: bool = False) -> None:
        for withheld in self._groups.release(at_end=at_end):
            if withheld.outvoted:
                self._outcomes.outvoted(withheld.check)
                self._replay.as_passed(withheld.reports)
                self._replay.show(withheld.check, withheld.node, withheld.reports)
            elif withheld.excuse:
                self._replay.show_skipped(withheld.check, withheld.node, withheld.excuse)
            else:
                self._replay.show(withheld.check, withheld.node, withheld.reports)
