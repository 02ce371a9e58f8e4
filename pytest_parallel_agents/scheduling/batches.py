"""How much one message carries."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

import msgspec

from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.capacity import PLAIN_CLAIM, Capacity
from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS
from pytest_parallel_agents.scheduling.ready import Ready
from pytest_parallel_agents.scheduling.states import HostState, Lane

_SHARES = 2
"""A message carries at most one part in so many of each CPU's share of what is left, so that the end comes out even
(guided self-scheduling: Polychronopoulos and Kuck, 1987)."""

_PACE_WINDOW = 8
"""How many of the last unknown checks the pace of the next is learned from, roughly."""

_LARGEST = 1000
"""Checks in a message."""

_ROUNDING = 1e-9
"""Seconds. What is left of a full batch after subtracting depends on how a Python sums."""


def find_plain(plan: Plan, capacity: Capacity) -> set[int]:
    """Checks that claim one CPU, no lock and no money. For a lane with locks per host a host is chosen: it has none."""
    plain = {
        index
        for index, check in plan.checks.items()
        if capacity.claims[index] == PLAIN_CLAIM
        and not check.alone
        and index not in plan.locks
        and index not in plan.reserves
    }
    if plan.per_host:
        for lane in plan.lanes:
            if any(lock.name in plan.per_host for check in lane for lock in plan.locks.get(check, ())):
                plain.difference_update(lane)
    return plain


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The checks sent of each of the `lanes`, and their `units`: a worker can give back each unit that it has not
    begun.

    `next_check` follows in the last lane, if that stays with the worker.
    """

    lanes: tuple[tuple[Lane, tuple[int, ...]], ...]
    units: tuple[tuple[int, ...], ...]
    next_check: int | None


class Batches:
    """Puts `plain` checks together (see `find_plain`). All others go one at a time. Stretches go part by part; `seams`
    are the first checks of the parts.

    `seconds`: each check's estimate; that of the `unknown` ones is a guess, corrected by those that are over.
    """

    def __init__(
        self,
        seconds: Mapping[int, float],
        unknown: Collection[int],
        *,
        plain: set[int],
        seams: Container[int],
        capacity: Capacity,
        ready: Ready,
        barriers: Barriers,
    ) -> None:
        self._unknown = unknown
        self._pace = max((seconds[check] for check in unknown), default=0.0)
        self._unknown_left = len(unknown)
        self._known_left = sum(seconds.values()) - self._pace * len(unknown)
        self._seconds = seconds
        self._capacity = capacity
        self._ready = ready
        self._barriers = barriers
        self._plain = plain
        self._seams = seams

    @property
    def backlog(self) -> float:
        """Seconds of the checks not yet assigned."""
        return self._known_left + self._unknown_left * self._pace

    def learn(self, check: int, seconds: float) -> None:
        """Records how long a check took: the unknown ones that follow are expected to take as long."""
        if check in self._unknown:
            self._pace = max(BATCH_SECONDS / _LARGEST, self._pace + (seconds - self._pace) / _PACE_WINDOW)

    def low_water(self, queue: Sequence[int], carried: float) -> int:
        """How many checks at the end of a queue take less time than one message carries, in seconds."""
        left = carried
        for number, check in enumerate(reversed(queue)):
            left -= self.expected(check)
            if left <= _ROUNDING:
                return number
        return len(queue)

    def gather(self, lane: Lane, host: HostState) -> Batch:
        """Starts with this lane and adds ready ones while they are plain and a message to the host has room."""
        room = min(host.carried, host.speed * self.backlog / (_SHARES * self._capacity.cpus))
        segments: list[tuple[Lane, tuple[int, ...]]] = []
        units: list[tuple[int, ...]] = []
        one: Lane | None = lane
        next_check: int | None = None
        while one is not None:
            segment = one.checks[one.assigned : self._segment_end(one, room)]
            one.assigned += len(segment)
            segments.append((one, segment))
            units += self._parts(segment) if one.stretch else (segment,)
            room -= sum([self.expected(check) for check in segment])
            self._count(segment, -1)
            next_check = one.following
            one = self.pop_ready_after(segment[-1]) if next_check is None and room > _ROUNDING else None
        return Batch(
            lanes=tuple(segments), units=tuple(units), next_check=None if next_check in self._seams else next_check
        )

    def _parts(self, segment: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        start = 0
        for place in range(1, len(segment)):
            if segment[place] in self._seams:
                yield segment[start:place]
                start = place
        yield segment[start:]

    def put_back(self, checks: Iterable[int]) -> None:
        """These checks must be assigned again."""
        self._count(checks, 1)

    def never_batch(self, checks: Iterable[int]) -> None:
        """From now on each of these is sent by itself."""
        self._plain.difference_update(checks)

    def forget(self, check: int) -> None:
        """A check that was not assigned never will be."""
        self._count([check], -1)

    def pop_ready_after(self, last: int) -> Lane | None:
        """Removes and returns the first ready lane if it may go along with this check.

        Not while each could have a CPU of its own.
        """
        if last not in self._plain or self._ready.count(PLAIN_CLAIM) <= self._capacity.free:
            return None
        lane = self._ready.top(PLAIN_CLAIM)
        return self._ready.pop(PLAIN_CLAIM) if lane.worker is None and lane.head in self._plain else None

    def expected(self, check: int) -> float:
        """Seconds that a check will take, as far as is known by now."""
        return self._pace if check in self._unknown else self._seconds[check]

    def _count(self, checks: Iterable[int], sign: int) -> None:
        for check in checks:
            if check in self._unknown:
                self._unknown_left += sign
            else:
                self._known_left += sign * self._seconds[check]

    def is_plain(self, check: int) -> bool:
        """Whether others may go along with it."""
        return check in self._plain

    def estimate(self, check: int) -> float:
        """Its estimate in seconds; 0 if there is none."""
        return 0.0 if check in self._unknown else self._seconds[check]

    def begins_part(self, check: int) -> bool:
        """Whether a part of a stretch begins with this check."""
        return check in self._seams

    def may_follow(self, lane: Lane) -> bool:
        """Whether there is more of a stretch that can go along with what its worker has."""
        return lane.stretch and lane.following in self._plain

    def _segment_end(self, lane: Lane, room: float) -> int:
        """Behind the head, or behind all that can be assigned with it because only plain checks follow.

        Of a stretch only so many parts as there is room for.
        """
        end = lane.assigned
        while end < len(lane.checks) and lane.checks[end] in self._plain and self._barriers.is_open(lane.checks[end]):
            if lane.stretch:
                if room <= _ROUNDING and lane.checks[end] in self._seams and end > lane.assigned:
                    break
                room -= self.expected(lane.checks[end])
            end += 1
        return max(end, lane.assigned + 1)
