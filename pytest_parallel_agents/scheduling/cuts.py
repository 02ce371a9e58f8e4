"""Stretches that are cut for workers that have nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from pytest_parallel_agents.scheduling.cutting import best_cut
from pytest_parallel_agents.scheduling.states import Lane
from pytest_parallel_agents.scheduling.stretches import Seam


class Cuts:
    """Stretches under way that can be cut: those with whole files first, then the longest.

    `seconds` gives the expected seconds of a check, as far as is known by now. Where nothing is known, at most a
    `block` of checks is cut off a file at a time: long ones often stand at its end, and begin early that way.
    """

    def __init__(self, seams: Mapping[int, Seam], seconds: Callable[[int], float], *, block: int | None) -> None:
        self._seams = seams
        self._seconds = seconds
        self._block = block
        self._rests: dict[Lane, _Rest] = {}
        self._heap: list[tuple[_Rest, int, Lane]] = []
        self._listed: set[Lane] = set()
        self._tie_breaker = count()

    def __len__(self) -> int:
        return len(self._listed)

    def record_assigned(self, lane: Lane, checks: Sequence[int]) -> None:
        """These checks of a stretch were assigned."""
        known = self._rests.get(lane)
        if known is None:
            self.changed(lane)
        else:
            assigned = self._sum(checks)
            self._rests[lane] = _Rest(known.files + assigned.files, known.seconds + assigned.seconds)
            self._push(lane)

    def changed(self, lane: Lane) -> None:
        """Sums up again what is left of a stretch."""
        rest = self._sum(lane.checks[lane.assigned :])
        self._rests[lane] = _Rest(-rest.files, -rest.seconds)
        self._push(lane)

    def cut(self, speed: float) -> Lane | None:
        """The tail of a stretch, which is a lane of its own from now on, for a worker of this speed."""
        while self._heap:
            rest, _, lane = heappop(self._heap)
            self._listed.discard(lane)
            if rest != self._rests[lane]:
                self._push(lane)
            elif (place := self._place(lane, speed)) is not None:
                return self._cut(lane, place)
        return None

    def cut_before(self, check: int, lane: Lane, *, slack: float) -> Lane | None:
        """The tail that begins with this check, unless its turn comes within so many seconds anyway."""
        place = lane.checks.index(check, lane.assigned)
        ahead = self._busy(lane) + sum(map(self._seconds, lane.checks[lane.assigned : place]))
        return self._cut(lane, place) if ahead > slack else None

    def _cut(self, lane: Lane, place: int) -> Lane:
        tail = lane.cut(place)
        self.changed(lane)
        return tail

    def _push(self, lane: Lane) -> None:
        if lane.worker is not None and lane.following is not None and lane not in self._listed:
            self._listed.add(lane)
            heappush(self._heap, (self._rests[lane], next(self._tie_breaker), lane))

    def _sum(self, checks: Iterable[int]) -> _Rest:
        files = seconds = 0.0
        for check in checks:
            files += self._seams.get(check) is Seam.FILE
            seconds += self._seconds(check)
        return _Rest(files, seconds)

    def _busy(self, lane: Lane) -> float:
        return sum(map(self._seconds, lane.worker.queue)) if lane.worker is not None else 0.0

    def _place(self, lane: Lane, speed: float) -> int | None:
        rest = lane.checks[lane.assigned :]
        if lane.worker is None or not rest:
            return None
        if self._block is not None and not any(self._seams.get(check) is Seam.FILE for check in rest):
            place = self._last_block(rest, self._block)
        else:
            keeper = lane.worker.host.speed
            seconds = [self._seconds(check) for check in rest]
            place = best_cut(rest, seconds, self._seams, busy=self._busy(lane), keeper=keeper, taker=speed)
        return None if place is None else lane.assigned + place

    def _last_block(self, rest: Sequence[int], block: int) -> int | None:
        keep = max(len(rest) // 2, len(rest) - block)
        places = [place for place, check in enumerate(rest) if check in self._seams]
        return min(places, key=lambda place: abs(place - keep), default=None)


class _Rest(NamedTuple):
    """The unassigned rest of a stretch, negative: files that begin there, and seconds. The least is cut first."""

    files: float
    seconds: float
