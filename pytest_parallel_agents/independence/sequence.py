"""One order of all checks that agrees with everything that must finish before something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.independence.lanes import together
from pytest_parallel_agents.independence.order import Waits
from pytest_parallel_agents.model.plan import Check

UNORDERED = ("xdist_group:", "dist:")
"""Lanes of these kinds require one worker, not an order."""


def positions(checks: Sequence[Check], waits: Waits) -> tuple[Mapping[int, int], list[AgentsError]]:
    """The place of each check in one order of all (as collected, where nothing else is required), and a fault for each
    cycle.

    Checks that a cycle holds up have no place.
    """
    previous = _previous(checks)
    if not waits and not previous:
        return {check.index: check.index for check in checks}, []
    sorter = _graph(checks, waits, previous)
    places = {index: place for place, index in enumerate(_smallest_first(sorter))}
    stuck = {check.index: check.nodeid for check in checks if check.index not in places}
    return places, list(_cycles(stuck, waits, previous))


def across_lanes(waits: Waits, lanes: Iterable[Iterable[int]]) -> dict[int, tuple[int, ...]]:
    """`waits` without those that the order within a lane implies. Each shared tuple object stays one in each lane."""
    lane_of = {index: number for number, lane in enumerate(lanes) for index in lane}
    distinct = {id(wait): wait for wait in waits.values()}
    touched = {key: {lane_of[index] for index in wait} for key, wait in distinct.items()}
    shared: dict[tuple[int, int], tuple[int, ...]] = {}
    result = {}
    for index, wait in waits.items():
        lane = lane_of[index]
        if lane not in touched[id(wait)]:
            result[index] = wait
            continue
        if (id(wait), lane) not in shared:
            shared[id(wait), lane] = tuple(other for other in wait if lane_of[other] != lane)
        if others := shared[id(wait), lane]:
            result[index] = others
    return result


def _previous(checks: Iterable[Check]) -> dict[int, list[int]]:
    """The member before each check in the lanes that require an order: by stage, then as collected."""
    previous: dict[int, list[int]] = {}
    for key, members in together(checks).items():
        if not key.startswith(UNORDERED):
            stages = {check.index: dict(check.stages).get(key, 0) for check in members}
            for earlier, later in pairwise(sorted(stages, key=lambda index: (stages[index], index))):
                previous.setdefault(later, []).append(earlier)
    return previous


def _graph(checks: Iterable[Check], waits: Waits, previous: Mapping[int, list[int]]) -> TopologicalSorter[int]:
    """A negative node stands for each shared tuple, so that n checks after m others make n + m edges, not n · m."""
    sorter: TopologicalSorter[int] = TopologicalSorter()
    barriers: dict[int, int] = {}
    for check in checks:
        sorter.add(check.index, *previous.get(check.index, ()))
        if wait := waits.get(check.index):
            if id(wait) not in barriers:
                barriers[id(wait)] = -1 - len(barriers)
                sorter.add(barriers[id(wait)], *wait)
            sorter.add(check.index, barriers[id(wait)])
    return sorter


def _smallest_first(sorter: TopologicalSorter[int]) -> Iterator[int]:
    with suppress(CycleError):  # checks that no cycle holds up are still yielded
        sorter.prepare()
    ready: list[int] = []
    while sorter.is_active():
        for node in sorter.get_ready():
            heappush(ready, node)
        node = heappop(ready)
        if node >= 0:
            yield node
        sorter.done(node)


def _cycles(stuck: Mapping[int, str], waits: Waits, previous: Mapping[int, list[int]]) -> Iterator[AgentsError]:
    """Follows from each stuck check one that it waits for; such a walk ends in a cycle or where another walk was."""
    seen: set[int] = set()
    for start in sorted(stuck):
        walk: dict[int, None] = {}
        here = start
        while here not in seen:
            seen.add(here)
            walk[here] = None
            here = next(other for other in (*previous.get(here, ()), *waits.get(here, ())) if other in stuck)
        if here in walk:
            trail = list(walk)
            cycle = trail[trail.index(here) :]
            names = " -> ".join(stuck[index] for index in (*cycle, here))
            yield AgentsError(
                f"cycle in the order, each waits for the next: {names}", hint="drop one `after` or order mark"
            )
