"""Watches workers that send nothing: reads messages that they cannot send, and finds those that have ended or are
stopped.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from pytest_parallel_agents.controller.workers.incoming import GONE
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.wire import messages

EVERY_SECONDS: Final = 1.0
"""Seconds between looks. A worker sends its messages much sooner, and a process that is stopped for a moment goes on by
then."""


class Watchdog:
    """`due` is when to look next, in seconds since the run's start. `limited` are the checks with a time limit, which
    ends them anyway.
    """

    def __init__(self, pool: WorkerPool, limited: Container[int], now: float) -> None:
        self._pool = pool
        self._limited = limited
        self.due = now + EVERY_SECONDS

    def look(self, now: float) -> None:
        """To be called once it is due."""
        self.due = now + EVERY_SECONDS
        for worker in list(self._pool.live.values()):
            worker.incoming.read_journal()
            if worker.assignments.ready and worker.attempt is None:
                worker.send(messages.Nudge())
            self._end_stopped(worker)
            self._disconnect_gone(worker)

    def _end_stopped(self, worker: RemoteWorker) -> None:
        """Kills a worker that was stopped the last time and still is. Those that have sent something are not
        checked.
        """
        is_limited = worker.attempt is not None and worker.attempt.check in self._limited
        is_stopped = not worker.incoming.has_sent() and worker.process.is_stopped() and not is_limited
        if is_stopped and worker.was_stopped:
            worker.kill("was stopped and did not go on")
        worker.was_stopped = is_stopped

    def _disconnect_gone(self, worker: RemoteWorker) -> None:
        """Disconnects a worker that has ended: a process that it has left behind may keep its channel open."""
        is_gone = worker.process.pid() is None
        if is_gone and worker.was_gone:
            worker.incoming.receive(GONE)
        worker.was_gone = is_gone
