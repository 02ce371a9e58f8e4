"""Looks after workers that say nothing: hears what they cannot send, and notices those that are gone or stopped."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

from pytest_parallel_agents.controller.inbox import GONE
from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.wire import messages

EVERY_SECONDS: Final = 1.0
"""How often. A worker sends its news much sooner, and who stops a process for a moment is done by then."""


class Watchdog:
    """`due` is when to look next, in seconds since the run's start."""

    def __init__(self, pool: WorkerPool, now: float) -> None:
        self._pool = pool
        self._stopped: frozenset[str] = frozenset()
        self._gone: frozenset[str] = frozenset()
        self.due = now + EVERY_SECONDS

    def look(self, now: float, limited: Container[str], waiting: Iterable[str]) -> None:
        """`limited` are the workers whose running check has a time limit, which ends them anyway; `waiting` those that
        are up and run nothing, as far as is known.
        """
        self.due = now + EVERY_SECONDS
        self._pool.read_journals()
        for worker in waiting:
            self._pool.tell(worker, messages.Nudge())
        stopped = frozenset(worker for worker in self._pool.stopped() if worker not in limited)
        for worker in sorted(stopped & self._stopped):
            self._pool.kill(worker, "was stopped and did not go on")
        self._stopped = stopped
        gone = self._pool.gone()
        for worker in sorted(gone & self._gone):
            self._pool.inbox.receive(worker, GONE)  # a process that it has left behind keeps its channel open
        self._gone = gone
