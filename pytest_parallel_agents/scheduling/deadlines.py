"""When the time limit of each running check passes."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count

from pytest_parallel_agents.scheduling.states import WorkerState


class Deadlines:
    """A worker's last entry counts. Others, and those of checks that ended in time, stay until they come to the top."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, WorkerState]] = []
        self._numbers = count()
        self._last: dict[str, int] = {}

    @property
    def earliest(self) -> float | None:
        while self._heap:
            time, place, check, worker = self._heap[0]
            if worker.running == check and place == self._last[worker.name]:
                return time
            heappop(self._heap)
        return None

    def add(self, time: float, worker: WorkerState, check: int) -> None:
        place = self._last[worker.name] = next(self._numbers)
        heappush(self._heap, (time, place, check, worker))

    def due(self, time: float) -> list[tuple[WorkerState, int]]:
        """Removes and returns the running checks whose time has come."""
        found = []
        while (earliest := self.earliest) is not None and earliest <= time:
            _, _, check, worker = heappop(self._heap)
            found.append((worker, check))
        return found
