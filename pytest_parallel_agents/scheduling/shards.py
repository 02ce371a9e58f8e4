"""Divides a plan among several machines: every check in exactly one shard, and what belongs together in one.

The longest part goes first, to the shard that has least: at most 4/3 of the best possible (Graham, "Bounds on
Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17(2), 1969). Files stay whole as long as that is good enough:
each shard that has a part of a file imports it and builds its fixtures again. The order of collection does not count:
a plugin may shuffle it on each machine in another way.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from pytest_parallel_agents.model.plan import Group, Plan

GOOD_ENOUGH = 1.05
"""Times the mean that the slowest shard may take before files are split."""

SMALLEST_SHARE = 1 / 64
"""Of a shard: into smaller parts files are not split."""

Shard = tuple[int, ...]


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """`shards`: indices of checks in the order of collection. `digest` is equal on machines that divide alike."""

    shards: tuple[Shard, ...]
    digest: str


def divide(plan: Plan, groups: Iterable[Group], seconds: Mapping[int, float], count: int) -> Division:
    """Divides all checks of the plan into `count` shards, some of which may be empty.

    Lanes, groups, checks that share what one of them writes, and those that wait for each other stay together.
    `seconds` by index, of every check. Equal arguments give equal shards, on any machine.
    """
    units = _units(plan, groups)
    mean = math.fsum(seconds[index] for index in plan.checks) / count
    share = math.inf
    while True:
        shards = _spread(_parts(plan, units, seconds, share * mean), seconds, count)
        slowest = max(math.fsum(seconds[index] for index in shard) for shard in shards)
        if slowest <= GOOD_ENOUGH * mean or share <= SMALLEST_SHARE:
            return Division(shards=shards, digest=_digest(plan, shards))
        share = min(1.0, share) / 2


def _units(plan: Plan, groups: Iterable[Group]) -> list[Shard]:
    """What must not be divided, in the order of the first node id of each."""
    leader = {index: index for index in plan.checks}

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = index = leader[leader[index]]
        return index

    for together in _together(plan, groups):
        for index in together[1:]:
            leader[find(index)] = find(together[0])
    units: dict[int, list[int]] = {}
    for index in sorted(plan.checks, key=lambda each: (plan.checks[each].nodeid, each)):
        units.setdefault(find(index), []).append(index)
    return [tuple(unit) for unit in units.values()]


def _together(plan: Plan, groups: Iterable[Group]) -> Iterator[Sequence[int]]:
    yield from plan.lanes
    yield from (group.members for group in groups)
    yield from ((index, *before) for index, before in plan.predecessors.items())
    holders: dict[str, list[int]] = {}
    for index, locks in plan.locks.items():
        for lock in locks:
            holders.setdefault(lock.name, []).append(index)
    written = {lock.name for locks in plan.locks.values() for lock in locks if lock.write}
    yield from (holders[name] for name in sorted(written))
    alike: dict[str, list[int]] = {}
    for index, check in plan.checks.items():  # several checks may have one id
        alike.setdefault(check.nodeid, []).append(index)
    yield from alike.values()


def _parts(plan: Plan, units: Iterable[Shard], seconds: Mapping[int, float], most: float) -> list[Shard]:
    """Units of the same file together, as long as that takes no more than `most` seconds."""
    parts: list[Shard] = []
    open_parts: dict[str, int] = {}
    for unit in units:
        path = plan.checks[unit[0]].nodeid.partition("::")[0]
        place = open_parts.get(path)
        if place is not None and math.fsum(seconds[index] for index in (*parts[place], *unit)) <= most:
            parts[place] += unit
        else:
            open_parts[path] = len(parts)
            parts.append(unit)
    return parts


def _spread(parts: Iterable[Shard], seconds: Mapping[int, float], count: int) -> tuple[Shard, ...]:
    shards: list[list[int]] = [[] for _ in range(count)]
    least = [(0.0, number) for number in range(count)]
    weighed = [(-math.fsum(seconds[index] for index in part), part) for part in parts]
    for weight, part in sorted(weighed, key=lambda each: each[0]):
        spent, number = least[0]
        shards[number] += part
        heapq.heapreplace(least, (spent - weight, number))
    return tuple(tuple(sorted(shard)) for shard in shards)


def _digest(plan: Plan, shards: Iterable[Shard]) -> str:
    texts = ("\n".join(sorted(plan.checks[index].nodeid for index in shard)) for shard in shards)
    return hashlib.sha256("\n\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
