"""Looks after workers that say nothing: hears what they cannot send, and notices those that are gone or stopped."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

from pytest_parallel_agents.controller.inbox import GONE
from pytest_parallel_agents.controller.worker_pool import Crew
from pytest_parallel_agents.wire import messages

EVERY_SECONDS: Final = 1.0
"""How often. A worker sends its news much sooner, and who stops a process for a moment is done by then."""


class Patrol:
    """`due` is when to look next, in seconds since the run's start."""

    def __init__(self, crew: Crew, now: float) -> None:
        self._crew = crew
        self._stopped: frozenset[str] = frozenset()
        self._gone: frozenset[str] = frozenset()
        self.due = now + EVERY_SECONDS

    def look(self, now: float, limited: Container[str], waiting: Iterable[str]) -> None:
        """`limited` are the workers whose running check has a time limit, which ends them anyway; `waiting` those that
        are up and run nothing, as far as is known.
        """
        self.due = now + EVERY_SECONDS
        self._crew.overhear()
        for worker in waiting:
            self._crew.tell(worker, messages.Nudge())
        stopped = frozenset(worker for worker in self._crew.stopped() if worker not in limited)
        for worker in sorted(stopped & self._stopped):
            self._crew.kill(worker, "was stopped and did not go on")
        self._stopped = stopped
        gone = self._crew.gone()
        for worker in sorted(gone & self._gone):
            self._crew.inbox.receive(worker, GONE)  # a process that it has left behind keeps its channel open
        self._gone = gone
