"""100,000 checks on 1,000 workers in virtual time: how good the schedule is and what a decision costs."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.figures import Comparison, linearithmic_growth
from benchmarks.page import Section, Table, cell
from benchmarks.suites.suite import Setting
from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.scheduling.bounds import lower_bound
from pytest_parallel_agents.scheduling.simulator import simulate

NAME = "simulated"
SIZES = (25_000, 50_000, 100_000)
WORKERS = 1_000
ESTIMATE_ERROR = 5.0

_MICROSECONDS = 1_000_000
_SCHEDULER = "scheduler"
_TEXT = f"""\
Log-normally distributed checks; some in lanes of up to 20, in groups, waiting for others, reading or writing one of
many resources. Estimates are wrong by a random factor up to {ESTIMATE_ERROR:.0f} in either direction. A decision is
what the scheduler does with one event; its cost is CPU time and includes the simulator's own. Growth is how many
times longer the largest plan takes than the smallest, as a multiple of the growth of n log n."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A plan, and seconds by check index: what each check takes and what the scheduler believes."""

    plan: Plan
    durations: Mapping[int, float]
    estimates: Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One simulation. `seconds` is CPU time of the whole of it, `makespan` and `bound` are virtual seconds."""

    seconds: float
    decisions: int
    makespan: float
    bound: float


def measure(setting: Setting) -> Section:
    sizes = [setting.scaled(size) for size in SIZES]
    workers = setting.scaled(WORKERS)
    costs: dict[int, list[Cost]] = {size: [] for size in sizes}
    for seed in range(setting.rounds):
        for size in sizes:
            costs[size].append(_cost(draw_load(size, seed=seed), workers))
    return Section(
        name=NAME,
        text=_TEXT,
        tables=(_table(costs),),
        comparisons=_comparisons(costs, workers),
    )


def draw_load(size: int, *, seed: int) -> Load:
    """A load of that many checks; always the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    durations = {index: min(60.0, chance.lognormvariate(-0.5, 1.0)) for index in range(size)}
    estimates = {index: seconds * ESTIMATE_ERROR ** chance.uniform(-1, 1) for index, seconds in durations.items()}
    checks = {
        index: Check(
            index=index,
            nodeid=f"test_{index // 50}.py::test_{index}",
            kind="test",
            name=f"test_{index}",
            group=f"group{index // 200}" if index % 200 < _GROUP_MEMBERS else None,
        )
        for index in range(size)
    }
    plan = Plan(
        checks=checks,
        lanes=_lanes(size, chance),
        locks=_locks(size, chance),
        predecessors=_predecessors(size, chance),
        capacities={f"resource{number}": 2 for number in range(0, size // _CHECKS_PER_RESOURCE, 3)},
    )
    return Load(plan=plan, durations=durations, estimates=estimates)


_GROUP_MEMBERS = 4
_CHECKS_PER_RESOURCE = 100
_LANE_SHARE = 0.02
_LONGEST_LANE = 20
_WRITER_SHARE = 0.02
_READER_SHARE = 0.03
_WAITING_SHARE = 0.02
_FARTHEST_PREDECESSOR = 1_000


def _lanes(size: int, chance: random.Random) -> tuple[tuple[int, ...], ...]:
    lanes = []
    start = 0
    while start < size:
        length = chance.randint(2, _LONGEST_LANE) if chance.random() < _LANE_SHARE else 1
        lanes.append(tuple(range(start, min(size, start + length))))
        start += length
    return tuple(lanes)


def _locks(size: int, chance: random.Random) -> dict[int, tuple[Lock, ...]]:
    locks: dict[int, tuple[Lock, ...]] = {}
    for index in range(size):
        draw = chance.random()
        if draw < _WRITER_SHARE + _READER_SHARE:
            resource = chance.randrange(max(1, size // _CHECKS_PER_RESOURCE))
            locks[index] = (Lock(f"resource{resource}", write=draw < _WRITER_SHARE),)
    return locks


def _predecessors(size: int, chance: random.Random) -> dict[int, tuple[int, ...]]:
    """Earlier checks, so that there is no circle."""
    return {
        index: (chance.randrange(max(0, index - _FARTHEST_PREDECESSOR), index),)
        for index in range(1, size)
        if chance.random() < _WAITING_SHARE
    }


def _cost(load: Load, workers: int) -> Cost:
    gc.collect()
    started = time.process_time()
    hosts = [Host(cpus=workers, workers=workers)]
    simulation = simulate(load.plan, durations=load.durations, estimates=load.estimates, hosts=hosts)
    seconds = time.process_time() - started
    if simulation.stops.keys() != load.plan.checks.keys():
        raise AssertionError("the scheduler did not run every check")
    return Cost(
        seconds=seconds,
        decisions=simulation.decisions,
        makespan=simulation.makespan,
        bound=lower_bound(load.plan, load.durations, workers),
    )


def _comparisons(costs: Mapping[int, list[Cost]], workers: int) -> tuple[Comparison, ...]:
    smallest, largest = min(costs), max(costs)
    name = f"{NAME}: {largest:,} checks, {workers:,} workers"
    growth = linearithmic_growth(smallest, largest)
    measured = (after.seconds / before.seconds for before, after in zip(costs[smallest], costs[largest], strict=True))
    return (
        Comparison(
            suite=name,
            ours=_SCHEDULER,
            against="lower bound",
            what="makespan",
            values=tuple(cost.makespan / cost.bound for cost in costs[largest]),
            at_most=1.05,
            decimals=3,
        ),
        Comparison(
            suite=name,
            ours=_SCHEDULER,
            against="",
            what="a decision",
            values=tuple(map(_microseconds, costs[largest])),
            at_most=20.0,
            unit="µs",
            decimals=1,
        ),
        Comparison(
            suite=name,
            ours=f"growth from {smallest:,} checks",
            against="growth of n log n",
            what="CPU time",
            values=tuple(times / growth for times in measured),
            at_most=1.10,
        ),
    )


def _microseconds(cost: Cost) -> float:
    return _MICROSECONDS * cost.seconds / cost.decisions


def _table(costs: Mapping[int, list[Cost]]) -> Table:
    rows = tuple(
        (
            f"{size:,}",
            cell([cost.seconds for cost in of_size]),
            cell([cost.decisions for cost in of_size], 0),
            cell([_microseconds(cost) for cost in of_size], 1),
            cell([cost.makespan / cost.bound for cost in of_size], 3),
        )
        for size, of_size in costs.items()
    )
    return Table(header=("checks", "CPU s", "decisions", "µs a decision", "makespan / lower bound"), rows=rows)
