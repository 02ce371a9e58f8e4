"""Stretches: neighbouring checks that should stay together, and how they are divided among workers.

Tests rely on tests that ran before them, more often within a file than across files, and more often on a near one than
on a far one. So plain tests form stretches in collection order. A worker goes through a stretch from its front; an
idle one gets the tail of another's stretch: whole files if there are any, else the tail of a file.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import chain, groupby, pairwise

import msgspec

from pytest_parallel_agents.model.plan import Check, Plan

_LONG_FILE = 2
"""A file that takes more than one part in so many of each CPU's share is a stretch of its own and may begin first:
begun late, it would have to be split."""


class Seam(IntEnum):
    """The unit that begins with the first check of a part. The greater is the better place for a cut."""

    PART = 0
    CLASS = 1
    FILE = 2


Parts = Sequence[tuple[int, ...]]


class Stretches(msgspec.Struct, frozen=True):
    """`files`: the parts of each, in collection order, without the checks that have a place of their own. `seams`: what
    begins with the first check of each part.
    """

    files: Sequence[Parts]
    seams: Mapping[int, Seam]
    lanes: Sequence[tuple[int, ...]]

    @property
    def checks(self) -> frozenset[int]:
        """All that belong to a stretch."""
        return frozenset(chain.from_iterable(map(_flat, self.files)))

    def chained(self, plan: Plan) -> Plan:
        """The plan as if the checks of a file had to follow each other."""
        return msgspec.structs.replace(plan, lanes=(*self.lanes, *map(_flat, self.files)))


def find_stretches(plan: Plan, plain: Container[int], seconds: Mapping[int, float], *, cpus: int) -> Stretches:
    """The files with those of their checks that are unmarked and need nothing but a CPU. What waits for another check,
    or is waited for, has its own place.

    A lane is one part. Where others stand between its checks, all of them are one part, so that they run as collected,
    unless that takes longer than each CPU's share.
    """
    neighbours: list[tuple[int, ...]] = []
    lanes: list[tuple[int, ...]] = []
    awaited = set(chain.from_iterable({id(others): others for others in plan.predecessors.values()}.values()))
    for lane in plan.lanes:
        (neighbours if _is_neighbourly(lane, plan, plain, awaited) else lanes).append(lane)
    share = sum(seconds.values()) / cpus
    files = [
        list(_parts(list(members), seconds, share))
        for _, members in groupby(sorted(neighbours), key=lambda lane: _file(plan.checks[lane[0]]))
    ]
    return Stretches(files, dict(_seams(files, plan)), lanes)


def stretch_lanes(stretches: Stretches, seconds: Mapping[int, float], *, share: float) -> Iterator[tuple[int, ...]]:
    """Each long file by itself, all others one after another. `share`: each CPU's seconds."""
    together: list[int] = []
    for file in stretches.files:
        checks = _flat(file)
        if sum(map(seconds.__getitem__, checks)) > share / _LONG_FILE:
            yield checks
        else:
            together += checks
    if together:
        yield tuple(together)


def _flat(parts: Parts) -> tuple[int, ...]:
    return tuple(chain.from_iterable(parts))


def _is_neighbourly(lane: Sequence[int], plan: Plan, plain: Container[int], awaited: Container[int]) -> bool:
    for index in lane:
        if plan.checks[index].marked or index not in plain or index in plan.predecessors or index in awaited:
            return False
    return list(lane) == sorted(lane) and _file(plan.checks[lane[0]]) == _file(plan.checks[lane[-1]])


def _parts(lanes: Sequence[tuple[int, ...]], seconds: Mapping[int, float], share: float) -> Iterator[tuple[int, ...]]:
    for tangle in _tangles(lanes):
        merged = tuple(sorted(chain.from_iterable(tangle)))
        if len(tangle) == 1 or sum(map(seconds.__getitem__, merged)) > share:
            yield from tangle
        else:
            yield merged


def _tangles(lanes: Iterable[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Lanes, sorted by their first checks, that reach into each other."""
    tangle: list[tuple[int, ...]] = []
    last = -1
    for lane in lanes:
        if tangle and lane[0] > last:
            yield tangle
            tangle = []
        tangle.append(lane)
        last = max(last, *lane)
    if tangle:
        yield tangle


def _seams(files: Iterable[Parts], plan: Plan) -> Iterator[tuple[int, Seam]]:
    for file in files:
        yield file[0][0], Seam.FILE
        for earlier, part in pairwise(file):
            same = _scope(plan.checks[earlier[-1]]) == _scope(plan.checks[part[0]])
            yield part[0], Seam.PART if same else Seam.CLASS


def _file(check: Check) -> str:
    return check.nodeid.partition("::")[0]


def _scope(check: Check) -> str:
    return check.nodeid.partition("[")[0].rpartition("::")[0]
