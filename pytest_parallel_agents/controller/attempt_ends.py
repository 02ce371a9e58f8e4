"""What becomes of the attempt that a worker has ended, or that has ended with its worker."""

from __future__ import annotations

from collections.abc import Callable

from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.losses import Losses
from pytest_parallel_agents.controller.outcomes import Outcomes
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.termination import Termination, Terminations
from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages


class AttemptEnds:
    """Has the results kept and the scheduler hear of each end.

    `handle` passes an event to the scheduler, `stop_if_requested` stops the run if the session is to stop, and
    `may_retry` tells whether a further attempt may follow.
    """

    def __init__(
        self,
        *,
        pool: WorkerPool,
        clocks: Clocks,
        outcomes: Outcomes,
        terminations: Terminations,
        losses: Losses,
        running_checks: RunningChecks,
        handle: Callable[[events.Event], None],
        stop_if_requested: Callable[[str], None],
        may_retry: Callable[[], bool],
    ) -> None:
        self._pool = pool
        self._clocks = clocks
        self._outcomes = outcomes
        self._terminations = terminations
        self._losses = losses
        self._running_checks = running_checks
        self._handle = handle
        self._stop_if_requested = stop_if_requested
        self._may_retry = may_retry

    def failed(self, worker: str, news: messages.Failed) -> None:
        now, span = self._clocks.now(), self._clocks.span(worker, news.span)
        late = self._terminations.ignored(worker, self._running_checks.ended(worker, now), span[1])
        if late is None:
            self._outcomes.failed(worker, news, span)
        elif not self._ignored(worker, late, span[0]):
            self._handle(events.CheckFinished(worker=worker, check=news.check, time=now))

    def finished(self, worker: str, news: messages.Finished) -> None:
        now, span = self._clocks.now(), self._clocks.span(worker, news.span)
        late = self._terminations.ignored(worker, self._running_checks.ended(worker, now), span[1])
        if late is None:
            self._outcomes.reported(worker, news, span)
        elif self._ignored(worker, late, span[0]):
            return
        self._handle(events.CheckFinished(worker=worker, check=news.check, time=now, seconds=span[1] - span[0]))
        self._stop_if_requested(news.halt)

    def _ignored(self, worker: str, termination: Termination, start: float) -> bool:
        """A check went on as if nobody had asked it to end. Returns whether it is to be tried again."""
        span = start, self._clocks.now()
        again = self._outcomes.lost(worker, termination.check, span, termination, retry=self._may_retry())
        self._terminations.outcomes(worker, again=again)
        self._pool.kill(worker)
        self._stop_if_requested("")
        return again

    def blame(self, worker: str, check: int) -> None:
        """Take it that a worker ran this check, the first that it has not accounted for, or else that it ran none."""
        now = self._clocks.now()
        self._running_checks.ended(worker, now)
        if self._losses.is_to_blame(check):
            self._running_checks.started(worker, check, now)

    def worker_gone(self, worker: str, exit_status: str = "") -> bool:
        """Say what became of the check of a worker that is gone, and whether the worker had been asked to go."""
        now = self._clocks.now()
        running = self._running_checks.ended(worker, now)
        termination = self._terminations.over(worker)
        self._pool.end_strays(worker)
        over = None
        if running is not None and (termination is None or termination.concerns(*running)):
            check, start = running
            again = self._outcomes.lost(worker, check, (start, now), termination, exit_status, retry=self._may_retry())
            self._stop_if_requested("")
            over = None if again else check
        # an attempt that had only just begun when its worker was ended for another one's sake does not count
        self._handle(events.WorkerLost(worker=worker, running=over, time=now))
        return termination is not None

    def worker_closed(self, worker: str) -> None:
        """A worker has ended by itself; what it ran was interrupted and has no report."""
        now = self._clocks.now()
        running = self._running_checks.ended(worker, now)
        check = None
        if running is not None:
            check, start = running
            self._outcomes.interrupted(worker, check, (start, now))
        self._handle(events.WorkerLost(worker=worker, running=check, time=now))  # nothing new if it was told to
