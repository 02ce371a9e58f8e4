"""Lower bounds that no schedule can beat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.paths import longest_paths


def lower_bound(plan: Plan, durations: Mapping[int, float], cpus: int) -> float:
    """Seconds that the plan takes at least: the checks that run alone, one after another, and beside them the longest
    of the critical path, the work divided by the CPUs, and the busiest resource. `durations` are seconds by index.
    """
    alone = {index for index, check in plan.checks.items() if check.alone}
    shared = {index: 0.0 if index in alone else durations[index] for index in plan.checks}
    path = max(longest_paths(plan, shared).seconds.values(), default=0.0)
    work = sum(seconds * min(plan.checks[index].cpus, cpus) for index, seconds in shared.items()) / cpus
    return sum(durations[index] for index in alone) + max(path, work, _busiest_resource(plan, shared))


def critical_path(plan: Plan, durations: Mapping[int, float]) -> tuple[int, ...]:
    """The check indices of the longest chain over lanes and predecessors, in order."""
    paths = longest_paths(plan, durations)
    if not paths.seconds:
        return ()
    first = max(paths.seconds, key=lambda index: (paths.seconds[index], -index))
    return tuple(_chain(first, paths.following))


def _busiest_resource(plan: Plan, durations: Mapping[int, float]) -> float:
    """Of all locks the most seconds: its writers, as many at a time as may, then its longest reader. Those per host do
    not count: how many hosts there will be is not known.
    """
    writing: dict[str, float] = defaultdict(float)
    reading: dict[str, float] = defaultdict(float)
    for index, locks in plan.locks.items():
        for lock in locks:
            if lock.name in plan.per_host:
                continue
            if lock.write:
                writing[lock.name] += durations[index] / max(1, plan.capacities.get(lock.name, 1))
            else:
                reading[lock.name] = max(reading[lock.name], durations[index])
    return max((seconds + reading.get(name, 0.0) for name, seconds in writing.items()), default=0.0)


def _chain(first: int, following: Mapping[int, int]) -> Iterator[int]:
    here: int | None = first
    while here is not None:
        yield here
        here = following.get(here)
