"""Lanes whose head may start, by how many CPUs it claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count

from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.priorities import Priority

Entry = tuple[bool, Priority, Lane]
"""A place in a waiting line; the least is first. False, for a lane under way, comes before True: its worker waits with
its fixtures. Priorities differ, so lanes never compare."""

_Place = tuple[bool, Priority, int, Lane]
_Heaps = dict[int, list[_Place]]


class Ready:
    """One heap for each claim, so that what fits is found although what does not fit is first.

    With `both_ends` there is another whose equals are in reverse collection order, and `face` says which of the two is
    looked at. What is taken from one stays in the other until it comes to the top, where its old ticket gives it away.
    """

    def __init__(self, claims: Iterable[int], *, both_ends: bool = False) -> None:
        self._front: _Heaps = {claim: [] for claim in sorted(set(claims))}
        self._back: _Heaps | None = {claim: [] for claim in self._front} if both_ends else None
        self._heaps = self._front
        self._counts: Counter[int] = Counter()
        self._tickets = count(1)

    def __bool__(self) -> bool:
        return any(self._counts.values())

    def face(self, *, back: bool) -> None:
        """Look at the first or, where there are both ends, at the last of equals from now on."""
        self._heaps = self._back if back and self._back is not None else self._front

    def count(self, claim: int) -> int:
        return self._counts[claim]

    def push(self, claim: int, entry: Entry) -> None:
        unbegun, (urgency, place), lane = entry
        lane.ticket = next(self._tickets)
        self._counts[claim] += 1
        heappush(self._front[claim], (unbegun, (urgency, place), lane.ticket, lane))
        if self._back is not None:
            heappush(self._back[claim], (unbegun, (urgency, -place), lane.ticket, lane))

    def first(self, least: int, most: int, *, before: int | None = None) -> int | None:
        """The claim, from `least` to `most`, of the most urgent lane; with `before` only if it is more urgent still."""
        found = before
        for claim in self._heaps:
            if least <= claim <= most and self._counts[claim] and (found is None or self._is_before(claim, found)):
                found = claim
        return None if found == before else found

    def top(self, claim: int) -> Lane:
        return self._line(claim)[0][-1]

    def pop(self, claim: int) -> Lane:
        lane = heappop(self._line(claim))[-1]
        lane.ticket = 0
        self._counts[claim] -= 1
        return lane

    def _is_before(self, claim: int, other: int) -> bool:
        return self._line(claim)[0] < self._line(other)[0]

    def _line(self, claim: int) -> list[_Place]:
        """The heap of the end that is looked at, with one that still waits at its top."""
        heap = self._heaps[claim]
        while heap[0][2] != heap[0][-1].ticket:
            heappop(heap)
        return heap
