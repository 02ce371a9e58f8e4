"""How long each check and all that must follow it take at least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.barriers import Barrier, Barriers
from pytest_parallel_agents.scheduling.states import Lane

_NONE: Mapping[int, float] = {}


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds`: from the start of a check to the end of the longest chain behind it, by index.

    `following`: the next check of that chain; absent at its end.
    """

    seconds: Mapping[int, float]
    following: Mapping[int, int]


def longest_paths(plan: Plan, durations: Mapping[int, float]) -> Paths:
    """The longest chains over lanes and predecessors."""
    return Chains(plan).longest(durations)


class Chains:
    """The chains of a plan, kept for several durations: the order takes longer to find than the sums."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._in_lane = _in_lane(plan)
        self._barriers = Barriers(plan.predecessors)
        self._backwards = list(_topological(plan))[::-1] if plan.predecessors else []

    def longest(self, durations: Mapping[int, float], least: Mapping[int, float] = _NONE) -> Paths:
        """The longest chains. `least` holds lower limits of a chain's seconds, by its start."""
        if not self._plan.predecessors:
            return Paths(seconds=_along_lanes(self._plan, durations, least), following=self._in_lane)
        longest_behind: dict[Barrier, int] = {}
        seconds: dict[int, float] = {}
        following: dict[int, int] = {}
        for check in self._backwards:
            followers = [longest_behind[barrier] for barrier in self._barriers.after(check)]
            if check in self._in_lane:
                followers.append(self._in_lane[check])
            seconds[check] = durations[check]
            if followers:
                following[check] = max(followers, key=seconds.__getitem__)
                seconds[check] += seconds[following[check]]
            seconds[check] = max(seconds[check], least.get(check, 0.0))
            if barrier := self._barriers.before(check):
                longest_behind[barrier] = max(longest_behind.get(barrier, check), check, key=seconds.__getitem__)
        return Paths(seconds=seconds, following=following)


def _along_lanes(plan: Plan, durations: Mapping[int, float], least: Mapping[int, float]) -> dict[int, float]:
    """The seconds where nothing waits but for its lane, which most plans are, in a fraction of the time."""
    seconds: dict[int, float] = {}
    for lane in plan.lanes:
        behind = 0.0
        for check in reversed(lane):
            behind = max(durations[check] + behind, least.get(check, 0.0))
            seconds[check] = behind
    return seconds


def _in_lane(plan: Plan) -> dict[int, int]:
    """The check that comes next in its lane, of each that is not the last."""
    return {earlier: later for lane in plan.lanes for earlier, later in pairwise(lane)}


def _topological(plan: Plan) -> Iterable[int]:
    """Every check after those it waits for."""
    barriers = Barriers(plan.predecessors)
    runnable = [Lane(checks) for checks in plan.lanes]
    while runnable:
        lane = runnable.pop()
        while not lane.over and barriers.is_open(lane.head):
            yield lane.head
            runnable += barriers.finish(lane.head)
            lane.position += 1
        if not lane.over:
            barriers.wait(lane)
