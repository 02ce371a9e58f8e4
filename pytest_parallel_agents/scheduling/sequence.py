"""The sequence of a run without workers."""

from __future__ import annotations

from graphlib import TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from pytest_parallel_agents.model.plan import Plan


def serial_order(plan: Plan) -> list[int]:
    """All checks, by index: in collection order, but a lane in one piece and each check after those it must follow."""
    follower = {before: after for lane in plan.lanes for before, after in pairwise(lane)}
    graph: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(plan.checks, ()))
    for before, after in follower.items():
        graph.add(after, before)
    for check, predecessors in plan.predecessors.items():
        graph.add(check, *predecessors)
    graph.prepare()
    order: dict[int, None] = {}
    ready: list[int] = []
    while graph.is_active():
        fresh = graph.get_ready()
        for check in fresh:
            heappush(ready, check)
        following = follower.get(next(reversed(order), -1))
        check = following if following in fresh else heappop(ready)
        if check in order:
            continue
        order[check] = None
        graph.done(check)
    return list(order)
