"""Long lanes that wait for a faster host: begun on a slow one near the end, the run would wait for them."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush

from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS
from pytest_parallel_agents.scheduling.states import HostState, Lane


class Patience:
    """A lane waits for a faster host while its end on a slow one would be later than that of all else, and no longer
    than it would gain. So it never ends later than twice as long after it could have begun.

    `seconds`: each check's estimate.
    """

    def __init__(self, capacity: Capacity, seconds: Mapping[int, float]) -> None:
        self._capacity = capacity
        self._seconds = seconds
        self._ends: dict[Lane, float] = {}
        self._deadlines: list[float] = []

    @property
    def deadline(self) -> float | None:
        """When a lane has waited long enough."""
        return self._deadlines[0] if self._deadlines else None

    def ends(self, time: float) -> bool:
        """Whether a lane has waited long enough since the last time."""
        ended = False
        while self._deadlines and self._deadlines[0] <= time:
            heappop(self._deadlines)
            ended = True
        return ended

    def declines(self, lane: Lane, host: HostState, *, backlog: float, now: float) -> bool:
        """Whether the lane should wait for a faster host than this one. `backlog`: CPU seconds not yet assigned."""
        if lane.worker is not None or lane.stretch:
            return False
        fastest = max((other.speed for other in self._capacity.suitable(lane)), default=host.speed)
        if host.speed >= fastest:
            return False
        seconds = sum(map(self._seconds.__getitem__, lane.rest()))
        gain = seconds / host.speed - seconds / fastest
        if gain < BATCH_SECONDS or seconds / host.speed <= max(backlog / self._capacity.hosts.power, seconds / fastest):
            return False
        if lane not in self._ends:
            self._ends[lane] = now + gain
            heappush(self._deadlines, now + gain)
        return now < self._ends[lane]
