"""Several hosts: the promises hold on all of them, whatever happens to one."""

from __future__ import annotations

from itertools import chain
from math import inf
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.events import CheckFinished, StartWorker, WorkerLost
from tests.unit.scheduling.test_scheduler_properties import (
    WorkerPool,
    assert_promises_kept,
    random_plan,
    randoms,
    workers_alive,
)

PER_HOST = frozenset({"gpu", "disk"})
LACKING: list[list[str]] = [[], ["gpu"], ["disk"], ["gpu", "disk"]]

several_hosts = st.lists(
    st.tuples(st.integers(min_value=1, max_value=4), st.integers(min_value=0, max_value=3)), min_size=1, max_size=4
).map(lambda sizes: [Host(name=f"host{n}", cpus=cpus, workers=cpus + more) for n, (cpus, more) in enumerate(sizes)])


def pool_of(random: Random, hosts: list[Host], *, deaths: float = 0.0, ahead: bool = False) -> WorkerPool:
    plan = random_plan(random, timeouts=deaths > 0, per_host=PER_HOST)
    return WorkerPool(plan, random, cpus=0, max_workers=0, hosts=hosts, deaths=deaths, ahead=ahead)


def assert_all_ran(workers: WorkerPool) -> None:
    assert workers.scheduler.done
    assert not workers.scheduler.stranded
    assert {check for _, _, check, _ in workers.runs} == set(workers.plan.checks)
    assert_promises_kept(workers)


@given(random=randoms, hosts=several_hosts, deaths=st.sampled_from([0.0, 0.1]), ahead=st.booleans())
@settings(max_examples=10, deadline=None)
def test_each_host_keeps_its_own_limits(random: Random, hosts: list[Host], deaths: float, *, ahead: bool) -> None:
    workers = pool_of(random, hosts, deaths=deaths, ahead=ahead)
    workers.run()
    assert_all_ran(workers)
    assert deaths or max(workers_alive(workers.commands)) <= sum(host.workers for host in hosts)


@given(random=randoms, hosts=several_hosts, ahead=st.booleans(), joins=st.booleans())
@settings(max_examples=10, deadline=None)
def test_the_checks_of_a_lost_host_run_on_those_that_are_left(
    random: Random, hosts: list[Host], *, ahead: bool, joins: bool
) -> None:
    workers = pool_of(random, [*hosts, Host(name="last", cpus=2, workers=3)], deaths=0.02, ahead=ahead)
    lose_at = {random.uniform(0, 40): host.name for host in hosts}
    workers.run(lose_at=lose_at, join_at={20.0: Host(name="new", cpus=3, workers=3)} if joins else {})
    assert_all_ran(workers)


@given(random=randoms, hosts=several_hosts)
@settings(max_examples=5, deadline=None)
def test_a_run_without_hosts_is_stranded_until_one_joins(random: Random, hosts: list[Host]) -> None:
    workers = pool_of(random, hosts)
    workers.run(lose_at={1.0 + number: host.name for number, host in enumerate(hosts)})
    assert workers.scheduler.stranded is not workers.scheduler.done
    workers.run_on(joined=Host(name="late", cpus=2, workers=4))
    assert_all_ran(workers)


@given(random=randoms)
@settings(max_examples=5, deadline=None)
def test_a_check_runs_only_where_its_resource_is(random: Random) -> None:
    hosts = [Host(name="without", cpus=3, workers=5, capacities={"gpu": 0}), Host(name="with", cpus=1, workers=2)]
    workers = pool_of(random, hosts)
    workers.run()
    assert_all_ran(workers)


@given(random=randoms)
@settings(max_examples=5, deadline=None)
def test_without_the_resource_anywhere_all_else_runs_and_the_run_is_stranded(random: Random) -> None:
    workers = pool_of(random, [Host(name="without", cpus=3, workers=5, capacities={"gpu": 0, "disk": 0})])
    workers.run()
    assert workers.scheduler.stranded
    ran = {check for _, _, check, _ in workers.runs}
    waiting = set(workers.plan.checks) - ran
    for lane in workers.plan.lanes:
        needs = {lock.name for check in lane for lock in workers.plan.locks.get(check, ()) if lock.write} & PER_HOST
        before = {other for check in lane for other in workers.plan.predecessors.get(check, ())}
        assert needs or before & waiting or waiting.isdisjoint(lane)
    assert_promises_kept(workers)


@given(random=randoms)
@settings(max_examples=5, deadline=None)
def test_events_of_the_lost_are_ignored_and_workers_start_elsewhere(random: Random) -> None:
    workers = pool_of(random, [Host(name="one", cpus=1, workers=1), Host(name="two", cpus=1, workers=1)])
    workers.run(lose_at={0.5: "one"})
    lost = next(number for number, event in enumerate(workers.events) if isinstance(event, WorkerLost))
    later = [command for answer in workers.commands[lost:] for command in answer if isinstance(command, StartWorker)]
    assert all(command.host == "two" for command in later)
    assert workers.scheduler.handle(CheckFinished("gw0", 0, 99.0)) == []


@given(random=randoms)
@settings(max_examples=5, deadline=None)
def test_a_small_host_that_joins_with_a_resource_meets_any_claim_for_it(random: Random) -> None:
    workers = pool_of(random, [Host(name="without", cpus=4, workers=6, capacities={"gpu": 0})])
    workers.run(join_at={5.0: Host(name="with", cpus=1, workers=2, capacities={"gpu": 1})})
    assert_all_ran(workers)


@given(random=randoms, hosts=several_hosts, ahead=st.booleans(), stops=st.booleans())
@settings(max_examples=10, deadline=None)
def test_no_check_is_lost_whatever_happens_at_once(
    random: Random, hosts: list[Host], *, ahead: bool, stops: bool
) -> None:
    """Cancels, time limits, losses of workers and hosts, two that join, a budget, and perhaps a stop."""
    plan = limited(random_plan(random, count=60, timeouts=True, per_host=PER_HOST), random)
    poor = [replace(host, capacities=dict.fromkeys(random.choice(LACKING), 0)) for host in hosts]
    workers = WorkerPool(plan, random, cpus=0, max_workers=0, hosts=poor, deaths=0.05, ahead=ahead)
    workers.costs = {check: random.choice([None, 0.0, 0.1, 2.0]) for check in plan.reserves}
    cancels = {random.uniform(0, 12): tuple(random.sample(sorted(plan.checks), 10)) for _ in range(4)}
    workers.run(
        cancel_at=cancels,
        lose_at={random.uniform(0, 15): host.name for host in hosts if random.random() < 0.7},
        join_at={
            random.uniform(0, 20): Host(name="large", cpus=4, workers=4, capacities={"gpu": 0}),
            random.uniform(0, 20): Host(name="rich", cpus=2, workers=3),
        },
        stop_at=random.uniform(0, 12) if stops else None,
    )
    assert workers.scheduler.done
    ended = [*(check for _, _, check, _ in workers.runs), *workers.dropped]
    assert sorted([*ended, *workers.scheduler.unstarted]) == sorted(plan.checks), "each once"
    assert stops or not workers.scheduler.unstarted
    assert set(workers.unaffordable) <= plan.reserves.keys()
    assert set(workers.dropped) <= {*workers.unaffordable, *chain.from_iterable(cancels.values())}
    assert_promises_kept(workers)


def limited(plan: Plan, random: Random) -> Plan:
    """The plan with a budget that some checks spend from."""
    spending = [check for check in plan.checks if random.random() < 0.2]
    reserves = {check: random.choice([0.1, 1.0, 50.0, inf]) for check in spending}
    return replace(plan, budget=random.uniform(1.0, 20.0), reserves=reserves)
