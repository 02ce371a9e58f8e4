"""Barriers: checks that wait for others to finish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pytest_parallel_agents.scheduling.states import Lane


class Barrier:
    """Holds lanes back until all of some checks are over."""

    __slots__ = ("missing", "waiting")

    def __init__(self, missing: int) -> None:
        self.missing = missing
        self.waiting: list[Lane] = []


class Barriers:
    """One barrier for each tuple object in `predecessors`, not one for each check.

    So n checks that share a tuple of m others cost n + m, not n · m.
    """

    def __init__(self, predecessors: Mapping[int, tuple[int, ...]]) -> None:
        self._before: dict[int, Barrier] = {}
        self._after: dict[int, list[Barrier]] = defaultdict(list)
        shared: dict[int, Barrier] = {}
        for check, others in predecessors.items():
            if id(others) not in shared:
                distinct = set(others)
                shared[id(others)] = barrier = Barrier(len(distinct))
                for other in distinct:
                    self._after[other].append(barrier)
            self._before[check] = shared[id(others)]

    def before(self, check: int) -> Barrier | None:
        return self._before.get(check)

    def after(self, check: int) -> Sequence[Barrier]:
        return self._after.get(check, ())

    def is_open(self, check: int) -> bool:
        barrier = self._before.get(check)
        return barrier is None or barrier.missing == 0

    def wait(self, lane: Lane) -> None:
        """Keeps the lane until its head may start."""
        self._before[lane.head].waiting.append(lane)

    def finish(self, check: int) -> list[Lane]:
        """Records that `check` is over. Returns the lanes that need wait no longer."""
        freed: list[Lane] = []
        for barrier in self.after(check):
            barrier.missing -= 1
            if barrier.missing == 0:
                freed += barrier.waiting
                barrier.waiting.clear()
        return freed
