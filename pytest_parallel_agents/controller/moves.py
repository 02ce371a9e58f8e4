"""Moves checks that would wait for ever on their worker."""

from __future__ import annotations

from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.workers.stuck_setups import StuckSetUps, describe_stuck
from pytest_parallel_agents.controller.workers.termination import Moved
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.scheduling import events


class Moves:
    """Ends workers that wait for what another worker has."""

    def __init__(
        self,
        pool: WorkerPool,
        running_checks: RunningChecks,
        observer: Observer,
        pending: PendingEvents,
    ) -> None:
        self._pool = pool
        self._stuck_setups = StuckSetUps(pool.run_folder)
        self._running_checks = running_checks
        self._observer = observer
        self._pending = pending

    def look(self, now: float) -> None:
        """To be called about every second."""
        running = [each for each in self._running_checks.all() if not each[0].host]  # others have other clocks
        alive = [(worker.name, now - attempt.start, worker.process.pid()) for worker, attempt in running]
        for stuck in self._stuck_setups.look(alive, self._pool.local):
            worker = self._pool.live[stuck.worker]
            self._running_checks.ended(worker, now)
            self._observer.noted(describe_stuck(stuck))
            self._pending.put(events.OneWorkerFewer(worker=worker.name, time=now))
            worker.terminate(Moved(), now)
