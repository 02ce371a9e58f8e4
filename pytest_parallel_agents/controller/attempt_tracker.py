"""The attempts of checks on workers, from start to end, including those that end with their worker."""

from __future__ import annotations

from pytest_parallel_agents.controller.check_ends import CheckEnds
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.results.failure_text import crash_message
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.termination import (
    Cancelled,
    Decided,
    Moved,
    RunningAttempt,
    TimedOut,
    check_of,
    ends,
)
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages


class AttemptTracker:
    """Records what each worker runs, has each end recorded, and reports it to the scheduler."""

    def __init__(
        self,
        pool: WorkerPool,
        running_checks: RunningChecks,
        check_ends: CheckEnds,
        stopping: Stopping,
        pending: PendingEvents,
    ) -> None:
        self._pool = pool
        self._running_checks = running_checks
        self._check_ends = check_ends
        self._stopping = stopping
        self._pending = pending

    def name(self, check: int) -> str:
        """The node id of a check."""
        return self._check_ends.store.name(check)

    def started(self, worker: RemoteWorker, check: int, time: float) -> None:
        """An attempt begins, at `time` by the worker's clock."""
        at = worker.since_start(time)
        self._running_checks.started(worker, check, at)
        self._pending.put(events.CheckStarted(worker=worker.name, check=check, time=at))

    def failed(self, worker: RemoteWorker, message: messages.AttemptFailed) -> None:
        """An attempt has failed, and its worker retries."""
        now, span = self._pending.now(), worker.span(message.span)
        ignored = _ignored(worker, self._running_checks.ended(worker, now), span[1])
        if ignored is None:
            self._check_ends.attempt_failed(worker, message, span)
        elif not self._overran(worker, ignored, span[0], now):
            self._pending.put(events.CheckFinished(worker=worker.name, check=message.check, time=now))

    def finished(self, worker: RemoteWorker, message: messages.Finished) -> None:
        """The last attempt of a check is over, by its worker's report."""
        now, span = self._pending.now(), worker.span(message.span)
        ignored = _ignored(worker, self._running_checks.ended(worker, now), span[1])
        if ignored is None:
            self._check_ends.finished(worker, message, span)
        elif self._overran(worker, ignored, span[0], now):
            return
        seconds, cost = span[1] - span[0], self._check_ends.store.cost(message.check)
        event = events.CheckFinished(worker=worker.name, check=message.check, time=now, seconds=seconds, cost=cost)
        self._pending.put(event)
        self._stopping.request_if_session_wants(message.halt, fails=message.fails)

    def late_report(self, worker: RemoteWorker, check: int, phase: messages.Phase) -> None:
        """A report has come after its check was over. It is ignored if the worker was ended because of that check."""
        if check != check_of(worker.termination):
            self._check_ends.late_report(worker, check, phase)
            self._stopping.request_if_session_wants()

    def worker_gone(self, worker: RemoteWorker, exit_status: str = "") -> None:
        """Ends the attempt of a worker that has ended."""
        now = self._pending.now()
        attempt = self._running_checks.ended(worker, now)
        worker.process.end_detached()
        over = None
        # an attempt that had only just begun when its worker was ended because of another one does not count
        if attempt is not None and ends(worker.termination, attempt):
            again = self._lost(worker, attempt, exit_status, now)
            self._stopping.request_if_session_wants()
            over = None if again else attempt.check
        self._pending.put(events.WorkerLost(worker=worker.name, running=over, time=now))

    def worker_closed(self, worker: RemoteWorker) -> None:
        """A worker has ended by itself; its attempt was interrupted and has no report."""
        now = self._pending.now()
        attempt = self._running_checks.ended(worker, now)
        if attempt is not None:
            self._check_ends.interrupted(worker, attempt.check, (attempt.start, now))
        running = None if attempt is None else attempt.check
        self._pending.put(events.WorkerLost(worker=worker.name, running=running, time=now))

    def abandon_retries(self) -> None:
        """The run is over: pending retries never run."""
        self._check_ends.abandon_retries()

    @property
    def _may_retry(self) -> bool:
        return self._stopping.reason is None

    def _overran(self, worker: RemoteWorker, ignored: TimedOut, start: float, now: float) -> bool:
        """A check went on although it was asked to end. Returns whether it is to be retried."""
        again = self._check_ends.timed_out(worker, ignored, (start, now), may_retry=self._may_retry)
        worker.termination = Moved() if again else Decided(ignored.attempt.check)
        worker.kill()
        self._stopping.request_if_session_wants()
        return again

    def _lost(self, worker: RemoteWorker, attempt: RunningAttempt, exit_status: str, now: float) -> bool:
        """Returns whether the check is to be retried."""
        span = attempt.start, now
        match worker.termination:
            case Cancelled() as cancelled:
                self._check_ends.cancelled(worker, cancelled, span)
                return False
            case TimedOut() as timed_out:
                return self._check_ends.timed_out(worker, timed_out, span, may_retry=self._may_retry)
        setup = self._pool.setup_phrase(worker.name, waits=False)
        text = crash_message(self.name(attempt.check), worker.name, exit_status, setup)
        return self._check_ends.crashed(worker, attempt.check, span, text, may_retry=self._may_retry)


def _ignored(worker: RemoteWorker, attempt: RunningAttempt | None, stop: float) -> TimedOut | None:
    """The termination that a worker ignored: its attempt, which stopped by itself at `stop`, had timed out."""
    termination = worker.termination
    if attempt is None or not isinstance(termination, TimedOut):
        return None
    return termination if termination.was_ignored(attempt, stop) else None
