"""Lanes whose head may start, by how many CPUs it claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from pytest_parallel_agents.scheduling.states import Lane, Priority

Entry = tuple[bool, Priority, Lane]
"""A place in a waiting line; the least is first. False, for a lane under way, comes before True: its worker waits with
its fixtures. Priorities differ, so lanes never compare."""


_LEADING = 8


class Ready:
    """One heap for each claim, so that a lane that fits is found behind a more urgent one that does not."""

    def __init__(self, claims: Iterable[int]) -> None:
        self._heaps: dict[int, list[Entry]] = {claim: [] for claim in sorted(set(claims))}

    def __bool__(self) -> bool:
        return any(self._heaps.values())

    def count(self, claim: int) -> int:
        return len(self._heaps[claim])

    def push(self, claim: int, entry: Entry) -> None:
        heappush(self._heaps.setdefault(claim, []), entry)

    def drain(self) -> Iterator[Lane]:
        """Removes all lanes, in any order."""
        for heap in self._heaps.values():
            yield from (lane for _, _, lane in heap)
            heap.clear()

    def first(self, least: int, most: int, *, before: int | None = None) -> int | None:
        """The claim, from `least` to `most`, of the most urgent lane; with `before` only if it is more urgent still."""
        found = before
        for claim, heap in self._heaps.items():
            if heap and least <= claim <= most and (found is None or heap[0] < self._heaps[found][0]):
                found = claim
        return None if found == before else found

    def urgency(self, claim: int) -> tuple[bool, Priority]:
        """That of the most urgent lane, without the lane."""
        return self._heaps[claim][0][:2]

    def leading(self, claim: int) -> Iterator[Lane]:
        """Some of the most urgent lanes, the first one among them."""
        return (lane for _, _, lane in self._heaps[claim][:_LEADING])

    def top(self, claim: int) -> Lane:
        return self._heaps[claim][0][-1]

    def pop(self, claim: int) -> Lane:
        return heappop(self._heaps[claim])[-1]
