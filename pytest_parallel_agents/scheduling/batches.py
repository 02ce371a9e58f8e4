"""How much one message carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from pytest_parallel_agents.model import Plan
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.priorities import BATCH_SECONDS
from pytest_parallel_agents.scheduling.ready import Ready

_SHARES = 2
"""A message carries at most one part in so many of each CPU's share of what is left, so that the end comes out even
(guided self-scheduling: Polychronopoulos and Kuck, 1987)."""

_PLAIN_CLAIM = 1
_ROUNDING = 1e-9
"""Seconds. What is left of a full batch after subtracting depends on how a Python sums."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What goes of each lane. `then` is what follows in the last one, if the batch does not end it."""

    segments: tuple[tuple[int, ...], ...]
    lanes: tuple[Lane, ...]
    then: int | None


class Batches:
    """Puts plain checks, which claim one CPU and no lock, together. All others go one at a time.

    `backlog`: seconds of the checks not yet assigned, as estimated.
    """

    def __init__(
        self, plan: Plan, seconds: Mapping[int, float], *, capacity: Capacity, ready: Ready, barriers: Barriers
    ) -> None:
        self.backlog = sum(seconds.values())
        self._seconds = seconds
        self._capacity = capacity
        self._ready = ready
        self._barriers = barriers
        self._plain = {
            index
            for index, check in plan.checks.items()
            if capacity.claims[index] == _PLAIN_CLAIM and not check.alone and index not in plan.locks
        }

    def gather(self, lane: Lane) -> Batch:
        """Starts with this lane and adds ready ones while they are plain and there is room."""
        room = min(BATCH_SECONDS, self.backlog / (_SHARES * self._capacity.cpus))
        segments: list[tuple[int, ...]] = []
        lanes = [lane]
        for one in lanes:
            end = self._segment_end(one)
            segment = one.checks[one.position : end]
            seconds = sum([self._seconds[check] for check in segment])
            segments.append(segment)
            room -= seconds
            self.backlog -= seconds
            if room > _ROUNDING and end == len(one.checks) and self._another_fits(segment[-1]):
                lanes.append(self._ready.pop(_PLAIN_CLAIM))
        then = one.checks[end] if end < len(one.checks) else None
        return Batch(segments=tuple(segments), lanes=tuple(lanes), then=then)

    def put_back(self, checks: Iterable[int]) -> None:
        """These checks must be assigned again."""
        self.backlog += sum([self._seconds[check] for check in checks])

    def single_out(self, checks: Iterable[int]) -> None:
        """From now on none of these goes along with others."""
        self._plain.difference_update(checks)

    def forget(self, check: int) -> None:
        """A check that was not assigned never will be."""
        self.backlog -= self._seconds[check]

    def _segment_end(self, lane: Lane) -> int:
        """Behind the head, or behind all that can be assigned with it because only plain checks follow."""
        end = lane.position
        while end < len(lane.checks) and lane.checks[end] in self._plain and self._barriers.is_open(lane.checks[end]):
            end += 1
        return max(end, lane.position + 1)

    def _another_fits(self, last: int) -> bool:
        """Whether the first ready lane may share a worker. Not while each could have a CPU of its own."""
        if last not in self._plain or self._ready.count(_PLAIN_CLAIM) <= self._capacity.free:
            return False
        lane = self._ready.top(_PLAIN_CLAIM)
        return lane.worker is None and lane.head in self._plain
