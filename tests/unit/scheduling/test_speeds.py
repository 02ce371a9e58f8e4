"""Hosts of different speeds: the scheduler learns them, and what is long does not end on a slow one."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.scheduling.cutting import best_cut
from pytest_parallel_agents.scheduling.simulator import Simulation, simulate
from pytest_parallel_agents.scheduling.stretches import Seam

SHORT = 40
FIRST, SECOND, THIRD = range(SHORT, SHORT + 3)
LONG_SECONDS = {FIRST: 8.0, SECOND: 8.0, THIRD: 1.0}
SLOW_AND_FAST = {"slow": 1.0, "fast": 4.0}


def plan_of(count: int, *, marked: bool = True, after: Mapping[int, tuple[int, ...]] | None = None) -> Plan:
    checks = {
        index: Check(
            index=index, nodeid=f"test_{index // 10}.py::n{index}", kind="test", name=f"n{index}", marked=marked
        )
        for index in range(count)
    }
    return Plan(checks=checks, lanes=tuple((index,) for index in checks), predecessors=after or {})


def run(
    plan: Plan, durations: Mapping[int, float], estimates: Mapping[int, float], speeds: Mapping[str, float]
) -> Simulation:
    hosts = [Host(name=name, cpus=1, workers=1) for name in speeds]
    return simulate(plan, durations=durations, estimates=estimates, hosts=hosts, speeds=speeds)


@given(
    random=st.builds(Random, st.integers()),
    speeds=st.permutations([1.0, 2.0, 4.0]),
    count=st.integers(min_value=60, max_value=200),
    marked=st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_workers_of_different_speeds_end_at_about_the_same_time(
    random: Random, speeds: list[float], count: int, *, marked: bool
) -> None:
    durations = {index: random.uniform(1.0, 3.0) for index in range(count)}
    estimates = {index: seconds * random.uniform(0.7, 1.4) for index, seconds in durations.items()}
    of_hosts = {f"host{number}": speed for number, speed in enumerate(speeds)}
    simulation = run(plan_of(count, marked=marked), durations, estimates, of_hosts)
    assert simulation.stops.keys() == durations.keys()
    bound = sum(durations.values()) / sum(speeds)
    assert bound <= simulation.makespan <= 1.25 * bound


def long_ones_at_the_end(durations: Mapping[int, float]) -> tuple[Simulation, float]:
    """After forty checks by which the speeds are learned, three become ready at once. Returns when that is, too."""
    short = dict.fromkeys(range(SHORT), 1.0)
    all_short = tuple(short)
    plan = plan_of(SHORT + 3, after=dict.fromkeys(LONG_SECONDS, all_short))
    simulation = run(plan, short | dict(durations), short | LONG_SECONDS, SLOW_AND_FAST)
    return simulation, max(simulation.stops[check] for check in short)


def test_a_long_check_waits_for_the_fast_host_and_a_short_one_does_not() -> None:
    simulation, ready = long_ones_at_the_end(LONG_SECONDS)
    starts = {check: simulation.starts[check] - ready for check in LONG_SECONDS}
    assert starts == pytest.approx({FIRST: 0.0, SECOND: 2.0, THIRD: 0.0})
    assert simulation.makespan - ready == pytest.approx(4.0)


def test_a_long_check_does_not_wait_for_a_fast_host_without_its_resource() -> None:
    durations = {**dict.fromkeys(range(SHORT), 1.0), FIRST: 8.0}
    in_order = plan_of(len(durations), after={FIRST: tuple(range(SHORT))})
    plan = replace(in_order, locks={FIRST: (Lock("gpu", write=True),)}, per_host=frozenset({"gpu"}))
    hosts = [Host(name=name, cpus=1, workers=1, capacities={"gpu": name == "slow"}) for name in SLOW_AND_FAST]
    simulation = simulate(plan, durations=durations, estimates=durations, hosts=hosts, speeds=SLOW_AND_FAST)
    assert simulation.starts[FIRST] == max(simulation.stops[check] for check in range(SHORT))


def test_no_longer_than_it_could_gain() -> None:
    simulation, ready = long_ones_at_the_end({**LONG_SECONDS, FIRST: 400.0})
    assert simulation.starts[SECOND] - ready == pytest.approx(8.0 - 2.0, abs=2.0)  # the speeds are not known exactly
    assert simulation.workers[SECOND] != simulation.workers[FIRST]


@given(random=st.builds(Random, st.integers()), speed=st.sampled_from([0.5, 2.0, 8.0]), marked=st.booleans())
@settings(max_examples=10, deadline=None)
def test_equal_speeds_change_nothing(random: Random, speed: float, *, marked: bool) -> None:
    durations = {index: float(random.randint(1, 40)) for index in range(100)}
    plan = plan_of(100, marked=marked)
    usual, other = (run(plan, durations, durations, {"one": each, "two": each}) for each in (1.0, speed))
    assert other.workers == usual.workers
    assert other.starts == {check: start / speed for check, start in usual.starts.items()}


@pytest.mark.parametrize(("keeper", "taker", "kept"), [(1.0, 1.0, 4), (1.0, 3.0, 2), (3.0, 1.0, 6)])
def test_a_stretch_is_cut_by_the_speeds_of_the_two_workers(keeper: float, taker: float, kept: int) -> None:
    seams = dict.fromkeys(range(8), Seam.PART)
    assert best_cut(range(8), [1.0] * 8, seams, busy=0.0, keeper=keeper, taker=taker) == kept
