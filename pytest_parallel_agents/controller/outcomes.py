"""How checks end: the ledger is told, and everybody who listens, unless their group has to be decided first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import pytest

from pytest_parallel_agents.controller.groups import GroupOutcomes
from pytest_parallel_agents.controller.pending_retries import FinishedAttempt, PendingRetries
from pytest_parallel_agents.controller.replay import Replay
from pytest_parallel_agents.controller.results import ResultStore, Span
from pytest_parallel_agents.controller.running_checks import Watcher
from pytest_parallel_agents.controller.same_reasons import SameReasons
from pytest_parallel_agents.controller.termination import Termination
from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.model import Outcome
from pytest_parallel_agents.wire import messages


class Outcomes(msgspec.Struct, frozen=True):
    """One method for each way in which a check can end."""

    pool: WorkerPool
    store: ResultStore
    replay: Replay
    group_outcomes: GroupOutcomes
    watcher: Watcher
    pending_retries: PendingRetries
    same_reasons: SameReasons

    def reported(self, worker: str, news: messages.Finished, span: Span) -> None:
        """Its worker has said how it ended."""
        check = news.check
        if news.error or self.pending_retries.tried(check) or self.group_outcomes.concern(check):
            if news.error:
                reports = self.replay.failure(check, news.error, Outcome.ERROR)
                self.same_reasons.note(reports[0])
            else:
                reports = self.replay.record(check, news.phases)
            self._over(check, [*self.pending_retries.take(check), FinishedAttempt(worker, span, reports)])
        else:
            self.replay.phases(check, self.pool.node(worker), news.phases)
            self.store.ran(check, [(worker, span)])
            self.watcher.finished(check)

    def failed(self, worker: str, news: messages.Failed, span: Span) -> None:
        """Its worker has said how an attempt ended, and tries again."""
        self.pending_retries.add(news.check, FinishedAttempt(worker, span, self.replay.record(news.check, news.phases)))

    def lost(
        self,
        worker: str,
        check: int,
        span: Span,
        termination: Termination | None,
        exit_status: str = "",
        *,
        retry: bool,
    ) -> bool:
        """Its worker is gone or about to go, by itself or because it was asked to.

        Returns whether the check is to be tried again, as it may be with `retry`.
        """
        if termination is not None and not termination.late:
            self._cancelled(worker, check, span)
            return False
        again = retry and self.pending_retries.tried(check) < self.store.check(check).retries
        if termination is not None:
            text, outcome = termination.late, Outcome.TIMED_OUT
            output = self.pool.command_output(worker) or termination.output  # a command may have said more since
        else:
            text, outcome = (
                self.replay.crash_message(check, worker, exit_status, self.pool.setup(worker, waits=False)),
                Outcome.CRASHED,
            )
            output = self.pool.last_output(worker)
        if stacks := self.pool.stacks(worker):
            text += f"\n\n{stacks}"
        attempt = FinishedAttempt(worker, span, self.replay.failure(check, text, outcome, output, again=again))
        if again:
            self.pending_retries.add(check, attempt)
        else:
            self._over(check, [*self.pending_retries.take(check), attempt])
        return again

    def abandoned(self, check: int) -> None:
        """It was to be tried again, and the run is over: its last attempt counts."""
        attempts = self.pending_retries.take(check)
        if attempts:  # another one's end may have cancelled it meanwhile
            self.replay.settle(check, attempts[-1].reports)
            self._over(check, attempts)

    def dropped(self, check: int) -> None:
        """It was not needed any more before it began."""
        self.group_outcomes.cancelled(check)
        self.store.tried(check, [(each.worker, each.span) for each in self.pending_retries.take(check)])
        self.watcher.finished(check)

    def interrupted(self, worker: str, check: int, span: Span) -> None:
        """The run ends, and nobody is told."""
        self.store.end(check, Outcome.CANCELLED, "interrupted")
        self._ran(check, self.pending_retries.take(check), (worker, span))

    def _cancelled(self, worker: str, check: int, span: Span) -> None:
        """It ran and was not needed any more."""
        self.group_outcomes.cancelled(check, self.pool.node(worker))
        self._ran(check, self.pending_retries.take(check), (worker, span))
        self.watcher.finished(check)

    def _over(self, check: int, attempts: Sequence[FinishedAttempt]) -> None:
        """Tell of all attempts of a check, the last of which counts."""
        self._ran(check, attempts)
        self._tell(attempts[-1].worker, check, [report for each in attempts for report in each.reports])
        self.watcher.finished(check)

    def _ran(self, check: int, earlier: Iterable[FinishedAttempt], *last: tuple[str, Span]) -> None:
        self.store.ran(check, [*((each.worker, each.span) for each in earlier), *last])

    def _tell(self, worker: str, check: int, reports: Sequence[pytest.TestReport]) -> None:
        node = self.pool.node(worker)
        if self.group_outcomes.concern(check):
            self.group_outcomes.ended(check, node, reports)
        else:
            self.replay.tell(check, node, reports)
