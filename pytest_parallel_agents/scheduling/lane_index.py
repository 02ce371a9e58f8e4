"""All lanes, and in which of them each check is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from pytest_parallel_agents.scheduling.states import Lane


class LaneIndex:
    """`fixed` ones stay in one piece; `stretches` may be cut where one of the `seams` is the first check of a part."""

    def __init__(
        self, fixed: Iterable[tuple[int, ...]], stretches: Iterable[tuple[int, ...]], seams: Container[int]
    ) -> None:
        self._lanes = [*map(Lane, fixed), *(Lane(checks, stretch=True) for checks in stretches)]
        self._of = {check: lane for lane in self._lanes for check in lane.checks}
        self._seams = seams

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes)

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def by_check(self) -> Mapping[int, Lane]:
        return self._of

    def holding(self, checks: Iterable[int]) -> list[Lane]:
        """The lanes of these checks, in their order."""
        return list(dict.fromkeys(self._of[check] for check in checks))

    def add(self, tail: Lane) -> None:
        """Adds a lane that was part of another."""
        self._lanes.append(tail)
        self._of.update(dict.fromkeys(tail.checks, tail))

    def unfinished(self) -> Iterator[int]:
        """All checks that are not over."""
        for lane in self._lanes:
            yield from lane.rest()

    def units(self, queue: Sequence[int]) -> int:
        """How many units a worker that has these checks could give back, the one under way left out."""
        return sum(other in self._seams or self._of[one] is not self._of[other] for one, other in pairwise(queue))
