"""Long parts of stretches: the run would wait for them in the end if they began late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop

from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS
from pytest_parallel_agents.scheduling.stretches import Stretches

_LEAST_SHARE = 32
"""A part is not long that takes less than one part in so many of each CPU's share."""

_MARGIN = 1.2
"""Estimates are rough, and what is running does not count as work left: so a long part is due somewhat earlier."""


class LongParts:
    """Those that were sent to no worker yet, the longest first. `seconds` by the first check of each."""

    def __init__(self, seconds: Mapping[int, float], *, cpus: int) -> None:
        self._waiting = dict(seconds)
        self._heap = [(-each, part) for part, each in seconds.items()]
        heapify(self._heap)
        self._cpus = cpus

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def discard(self, checks: Iterable[int]) -> None:
        """Forgets the parts that begin with one of these."""
        for check in checks:
            self._waiting.pop(check, None)

    def due(self, backlog: float) -> tuple[int, float] | None:
        """The longest part and its seconds, once it takes as long as each CPU's share of the `backlog`, in seconds."""
        while self._heap:
            seconds, part = self._heap[0]
            if part in self._waiting:
                return None if -seconds * self._cpus * _MARGIN < backlog else (part, -seconds)
            heappop(self._heap)
        return None


def find_long_parts(stretches: Stretches, seconds: Mapping[int, float], *, share: float) -> dict[int, float]:
    """Seconds of the parts that are long beside each CPU's share, by their first checks."""
    parts = {part[0]: sum(map(seconds.__getitem__, part)) for file in stretches.files for part in file}
    return {part: each for part, each in parts.items() if each > max(share / _LEAST_SHARE, BATCH_SECONDS)}
