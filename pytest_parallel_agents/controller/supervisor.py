"""What the controller does because time has passed, not because a message has come."""

from __future__ import annotations

import math
from collections.abc import Container

from pytest_parallel_agents.controller.moves import Moves
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.termination import TimedOut
from pytest_parallel_agents.controller.watchdog import Watchdog
from pytest_parallel_agents.controller.worker_pool import WorkerPool


class Supervisor:
    """`run_limit` is the time limit of the run in seconds, infinite without one.

    `grace` is how many seconds a worker has that is asked to end. `limited` are the checks with a limit of their own.
    """

    def __init__(
        self,
        *,
        pool: WorkerPool,
        running_checks: RunningChecks,
        observer: Observer,
        stopping: Stopping,
        pending: PendingEvents,
        limited: Container[int],
        grace: float,
        run_limit: float = math.inf,
    ) -> None:
        self._pool = pool
        self._running_checks = running_checks
        self._watchdog = Watchdog(pool, limited, pending.now())
        self._moves = Moves(pool, running_checks, observer, pending)
        self._stopping = stopping
        self._run_limit = run_limit
        self.grace = grace
        self._is_out_of_time = False

    @property
    def due(self) -> float:
        """When to look next, in seconds since the run's start."""
        limit = math.inf if self._is_out_of_time else self._run_limit
        graces = (worker.kill_at for worker in self._pool.live.values())
        return min(limit, self._watchdog.due, self._running_checks.due, *graces)

    def look(self, now: float) -> None:
        """Do what is due."""
        if self._run_limit <= now:
            self._run_out(now)
        if self._watchdog.due <= now:
            self._watchdog.look(now)
            self._moves.look(now)
        for worker in self._pool.live.values():
            if worker.kill_at <= now:
                worker.kill_at = math.inf
                worker.kill()
        self._running_checks.look(now)

    def _run_out(self, now: float) -> None:
        """The run's time limit has passed: what runs is ended as if its own had, also what begins only just now."""
        reason = f"the run's time limit of {self._run_limit:g} s has passed"
        for worker, attempt in self._running_checks.all():
            if worker.termination is None:
                text = f"was still running on worker {worker.name} when {reason}"
                worker.terminate(TimedOut(attempt, now, text, worker.last_output()), now)
        if not self._is_out_of_time:
            self._is_out_of_time = True
            self._stopping.run_out_of_time(reason)
