"""The running checks, and when they are reported to people."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_parallel_agents.controller.observers import Attempts, Observer
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker, running
from pytest_parallel_agents.controller.workers.termination import RunningAttempt
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool


class RunningChecks:
    """`slow` is the period in seconds after which a running check is reported, again and again."""

    def __init__(self, observer: Observer, pool: WorkerPool, *, slow: float, now: float) -> None:
        self._observer = observer
        self._pool = pool
        self._slow = slow
        self.began = now

    def all(self) -> Sequence[tuple[RemoteWorker, RunningAttempt]]:
        """The workers that run an attempt, with the attempt."""
        return running(self._pool.live.values())

    @property
    def due(self) -> float:
        """When to report next even if nothing happens."""
        notices = (worker.notice_at for worker in self._pool.live.values())
        return min([self._observer.due, *notices])

    def started(self, worker: RemoteWorker, check: int, at: float) -> None:
        """An attempt begins."""
        worker.attempt = RunningAttempt(check, at)
        worker.notice_at = at + self._slow

    def ended(self, worker: RemoteWorker, now: float) -> RunningAttempt | None:
        """The worker's attempt is over. Returns it; None if it had not begun yet."""
        return worker.end_attempt(now)

    def look(self, now: float) -> None:
        """Reports slow checks that are due, and how far the run is."""
        for worker, attempt in self.all():
            if worker.notice_at <= now:
                periods = int((now - attempt.start) / self._slow + 1e-9)
                worker.notice_at = attempt.start + (periods + 1) * self._slow
                where = self._pool.setup_phrase(worker.name)
                self._observer.slow(attempt.check, worker.name, periods * self._slow, where)
        self._observer.look(now, self._attempts)

    def report(self, now: float) -> None:
        """Reports the running checks."""
        self._observer.running(now, self._attempts())

    def _attempts(self) -> Attempts:
        return [(attempt.check, worker.name, attempt.start) for worker, attempt in self.all()]
