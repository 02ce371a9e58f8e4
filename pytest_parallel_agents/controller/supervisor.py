"""The controller's work that depends on time, not on messages."""

from __future__ import annotations

import math
from collections.abc import Container

from pytest_parallel_agents.controller.moves import Moves
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.sampling import Sampling
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.workers.termination import TimedOut
from pytest_parallel_agents.controller.workers.watchdog import Watchdog
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.limits import Limits


class Supervisor:
    """Ends what has run too long, and looks after workers that send nothing.

    `limited` are the checks with a time limit of their own.
    """

    def __init__(
        self,
        pool: WorkerPool,
        running_checks: RunningChecks,
        stopping: Stopping,
        moves: Moves,
        sampling: Sampling,
        *,
        limits: Limits,
        limited: Container[int],
    ) -> None:
        self._pool = pool
        self._running_checks = running_checks
        self._stopping = stopping
        self._watchdog = Watchdog(pool, limited, running_checks.began)
        self._moves = moves
        self._sampling = sampling
        self._run_limit = math.inf if limits.run is None else limits.run
        self.grace = limits.grace
        self._is_out_of_time = False

    @property
    def due(self) -> float:
        """When to look next, in seconds since the run's start."""
        limit = math.inf if self._is_out_of_time else self._run_limit
        graces = (worker.kill_at for worker in self._pool.live.values())
        return min(limit, self._sampling.due, self._watchdog.due, self._running_checks.due, *graces)

    def look(self, now: float) -> None:
        """Does what is due."""
        if self._run_limit <= now:
            self._run_out(now)
        self._sampling.look(now)
        if self._watchdog.due <= now:
            self._watchdog.look(now)
            self._moves.look(now)
        for worker in self._pool.live.values():
            if worker.kill_at <= now:
                worker.kill_at = math.inf
                worker.kill()
        self._running_checks.look(now)

    def _run_out(self, now: float) -> None:
        """The run's time limit has passed: running checks are ended as if their own had, also those that begin only
        now.
        """
        reason = f"the run's time limit of {self._run_limit:g} s has passed"
        for worker, attempt in self._running_checks.all():
            if worker.termination is None:
                text = f"was still running on worker {worker.name} when {reason}"
                worker.terminate(TimedOut(attempt, now, text, worker.last_output()), now)
        if not self._is_out_of_time:
            self._is_out_of_time = True
            self._stopping.run_out_of_time(reason)
