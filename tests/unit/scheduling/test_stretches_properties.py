"""Tests of a file stay together and in order as far as no worker idles for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby, pairwise
from math import log2
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Plan
from pytest_parallel_agents.scheduling.bounds import lower_bound
from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS
from pytest_parallel_agents.scheduling.simulator import Simulation, simulate

randoms = st.builds(Random, st.integers())
cpus = st.integers(min_value=1, max_value=6)


def plan_of(random: Random) -> Plan:
    """Files of very different lengths, some of their tests in classes."""
    nodeids = []
    for file in range(random.randint(1, 25)):
        for number in range(random.choice([1, 3, 10, 60])):
            cls = f"::TestIt{number // 4}" if number % 8 < random.choice([0, 4]) else ""
            nodeids.append(f"test_{file}.py{cls}::test_{number}")
    checks = {
        index: Check(index=index, nodeid=nodeid, kind="test", name=nodeid, marked=False)
        for index, nodeid in enumerate(nodeids)
    }
    return Plan(checks=checks, lanes=tuple((index,) for index in checks))


def file_of(plan: Plan, check: int) -> str:
    return plan.checks[check].nodeid.partition("::")[0]


def by_worker(simulation: Simulation) -> list[list[int]]:
    """The checks of each worker in the order in which they began."""
    found: dict[str, list[int]] = defaultdict(list)
    for check in sorted(simulation.starts, key=simulation.starts.__getitem__):
        found[simulation.workers[check]].append(check)
    return list(found.values())


def pieces(plan: Plan, simulation: Simulation) -> list[list[int]]:
    """Checks of one file that ran one after another on one worker."""
    return [
        list(piece)
        for checks in by_worker(simulation)
        for _, piece in groupby(checks, key=lambda check: file_of(plan, check))
    ]


def run(plan: Plan, durations: Mapping[int, float], estimates: Mapping[int, float], cpus: int) -> Simulation:
    simulation = simulate(plan, durations=durations, estimates=estimates, hosts=[Host(cpus=cpus, workers=cpus + 4)])
    assert simulation.stops.keys() == plan.checks.keys()
    return simulation


@given(random=randoms)
@settings(max_examples=30, deadline=None)
def test_one_worker_runs_all_as_collected(random: Random) -> None:
    plan = plan_of(random)
    simulation = run(plan, {index: random.random() for index in plan.checks}, {}, 1)
    assert by_worker(simulation) == [sorted(plan.checks)]


@given(random=randoms, cpus=cpus, known=st.booleans())
@settings(max_examples=60, deadline=None)
def test_files_are_cut_into_few_pieces(random: Random, cpus: int, known: bool) -> None:  # noqa: FBT001
    plan = plan_of(random)
    durations = dict.fromkeys(plan.checks, random.choice([0.001, 0.02, 0.3]))
    found = pieces(plan, run(plan, durations, durations if known else {}, cpus))
    files = len({file_of(plan, check) for check in plan.checks})
    assert len(found) <= files + cpus * (1 + log2(len(plan.checks)))


@given(random=randoms, cpus=cpus)
@settings(max_examples=60, deadline=None)
def test_what_takes_as_long_as_expected_runs_in_order_within_each_file(random: Random, cpus: int) -> None:
    plan = plan_of(random)
    durations = dict.fromkeys(plan.checks, random.choice([0.001, 0.02, 0.3]))
    simulation = run(plan, durations, durations, cpus)
    backwards = 0
    for checks in by_worker(simulation):
        last: dict[str, int] = {}
        for check in checks:
            backwards += check < last.get(file_of(plan, check), -1)
            last[file_of(plan, check)] = check
    assert backwards <= cpus


@given(random=randoms, cpus=cpus, known=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_piece_runs_in_order(random: Random, cpus: int, known: bool) -> None:  # noqa: FBT001
    plan = plan_of(random)
    durations = {index: random.choice([0.001, 0.01, 0.5]) for index in plan.checks}
    simulation = run(plan, durations, durations if known else {}, cpus)
    backwards = sum(one > other for piece in pieces(plan, simulation) for one, other in pairwise(piece))
    assert backwards <= 2 * cpus * (1 + log2(len(plan.checks)))


@given(random=randoms, cpus=cpus, known=st.sampled_from(["exactly", "roughly", "not at all"]))
@settings(max_examples=80, deadline=None)
def test_no_worker_idles_while_another_has_something_to_give(random: Random, cpus: int, known: str) -> None:
    """No check begins later than when all workers were busy until then (Graham, 1966)."""
    plan = plan_of(random)
    durations = {index: random.choice([0.001, 0.01, 0.1, 0.5]) * random.lognormvariate(0, 1) for index in plan.checks}
    noise = {"exactly": 0.0, "roughly": 0.5, "not at all": 0.0}[known]
    estimates = {index: seconds * 2 ** random.uniform(-noise, noise) for index, seconds in durations.items()}
    simulation = run(plan, durations, {} if known == "not at all" else estimates, cpus)
    assert simulation.makespan <= sum(durations.values()) / cpus + max(durations.values()) + BATCH_SECONDS


@given(random=randoms, cpus=st.integers(min_value=2, max_value=4))
@settings(max_examples=6, deadline=None)
def test_where_durations_are_known_makespans_are_near_their_bounds(random: Random, cpus: int) -> None:
    """Of ten suites together: in one of them a long test may come late, since no worker leaves a file for it."""
    makespans = bounds = 0.0
    for _ in range(10):
        plan = plan_of(random)
        durations = {index: 0.05 * random.lognormvariate(0, 1) for index in plan.checks}
        makespans += run(plan, durations, durations, cpus).makespan
        bounds += lower_bound(plan, durations, cpus)
    assert makespans <= 1.03 * bounds
