"""Events that the scheduler does not know yet."""

from __future__ import annotations

from collections import deque

from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.scheduling.events import Event


class PendingEvents:
    """A queue: an event waits until all commands that follow from the one before are executed."""

    def __init__(self, clock: RunClock) -> None:
        self._events: deque[Event] = deque()
        self.put = self._events.append
        self.take = self._events.popleft
        self.now = clock.now

    def __bool__(self) -> bool:
        return bool(self._events)
