from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.scheduling.events import (
    AssignLanes,
    CheckFinished,
    ChecksCancelled,
    CheckStarted,
    Command,
    DropCheck,
    HostJoined,
    HostLost,
    RunStarted,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.scheduler import Scheduler


class Spending:
    """A run of checks that wait for a service, each with what it reserves; `costs` is what it turns out to cost."""

    def __init__(self, budget: float, *reserves: float, after: dict[int, tuple[int, ...]] | None = None) -> None:
        checks = {n: Check(index=n, nodeid=f"n{n}", kind="review", name=f"n{n}", cpus=0) for n in range(len(reserves))}
        plan = Plan(
            checks=checks,
            lanes=tuple((n,) for n in checks),
            predecessors=after or {},
            budget=budget,
            reserves={n: most for n, most in enumerate(reserves) if most},
        )
        self.scheduler = Scheduler(plan, estimates={}, hosts=[Host(cpus=1, workers=20)])
        self.running: dict[int, str] = {}
        self.begun: list[int] = []
        self.dropped: list[int] = []
        self.most = 0
        self._take(self.scheduler.handle(RunStarted(0.0)))

    def finish(self, check: int, cost: float | None) -> None:
        worker = self.running.pop(check)
        self._take(self.scheduler.handle(CheckFinished(worker, check, 1.0, cost=cost)))

    def lose(self, check: int) -> None:
        worker = self.running.pop(check)
        self._take(self.scheduler.handle(WorkerLost(worker, check, 1.0)))

    def _take(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, AssignLanes):
                for check in command.checks:
                    self.running[check] = command.worker
                    self.begun.append(check)
                    self.scheduler.handle(CheckStarted(command.worker, check, 0.5))
            elif isinstance(command, DropCheck):
                assert command.is_unaffordable
                self.dropped.append(command.check)
        self.most = max(self.most, len(self.running))


def test_no_more_begin_at_once_than_there_is_money_for() -> None:
    run = Spending(1.0, 0.4, 0.4, 0.4)
    assert (run.begun, run.dropped) == ([0, 1], [])
    run.finish(0, 0.1)
    assert run.begun == [0, 1, 2]


def test_what_is_cancelled_while_it_waits_for_a_lock_leaves_its_money_to_others() -> None:
    checks = {n: Check(index=n, nodeid=f"n{n}", kind="review", name=f"n{n}") for n in range(3)}
    locks = dict.fromkeys((0, 1), (Lock("db", write=True),))
    plan = Plan(checks=checks, lanes=((0,), (1,), (2,)), locks=locks, budget=1.0, reserves={1: 1.0, 2: 1.0})
    scheduler = Scheduler(plan, estimates={}, hosts=[Host(cpus=2, workers=2)], in_order=True)
    assert scheduler.handle(RunStarted(0.0))[1:] == [AssignLanes("gw0", ((0,),), None)]
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    assert scheduler.handle(ChecksCancelled((1,), 0.1)) == []
    assert scheduler.handle(CheckFinished("gw0", 0, 0.2)) == [DropCheck(1), AssignLanes("gw0", ((2,),), None)]


LACKING, HAVING = Host(name="lacks", cpus=2, workers=3, capacities={"gpu": 0}), Host(name="has", cpus=2, workers=3)


@pytest.mark.parametrize(
    ("cost", "end"), [(0.2, AssignLanes("gw1", ((0,),), None)), (1.0, DropCheck(0, is_unaffordable=True))]
)
def test_what_no_host_can_run_leaves_the_money_to_others_until_one_joins(cost: float, end: Command) -> None:
    checks = {n: Check(index=n, nodeid=f"n{n}", kind="review", name=f"n{n}") for n in range(2)}
    plan = Plan(
        checks=checks,
        lanes=((0,), (1,)),
        locks={0: (Lock("gpu", write=True),)},
        per_host=frozenset({"gpu"}),
        budget=1.0,
        reserves={0: inf, 1: 1.0},
    )
    scheduler = Scheduler(plan, estimates={}, hosts=[LACKING], in_order=True)
    assert AssignLanes("gw0", ((1,),), None) in scheduler.handle(RunStarted(0.0))
    scheduler.handle(CheckStarted("gw0", 1, 0.0))
    assert scheduler.handle(HostJoined(HAVING, 0.1)) == []
    assert end in scheduler.handle(CheckFinished("gw0", 1, 0.2, cost=cost))


def test_what_has_lost_its_last_host_leaves_its_money_to_others() -> None:
    checks = {n: Check(index=n, nodeid=f"n{n}", kind="review", name=f"n{n}") for n in range(3)}
    plan = Plan(
        checks=checks,
        lanes=((0,), (1,), (2,)),
        locks=dict.fromkeys((0, 1), (Lock("gpu", write=True),)),
        per_host=frozenset({"gpu"}),
        budget=1.0,
        reserves={1: 1.0, 2: 1.0},
    )
    scheduler = Scheduler(plan, estimates={}, hosts=[HAVING, LACKING], in_order=True)
    assert AssignLanes("gw0", ((0,),), None) in scheduler.handle(RunStarted(0.0))
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    assert AssignLanes("gw1", ((2,),), None) in scheduler.handle(HostLost("has", 0.1))
    assert scheduler.handle(WorkerLost("gw0", 0, 0.1)) == []
    assert not scheduler.stranded
    scheduler.handle(CheckFinished("gw1", 2, 0.2, cost=0.3))
    assert scheduler.stranded
    assert DropCheck(1, is_unaffordable=True) in scheduler.handle(HostJoined(HAVING, 0.3))


def test_what_is_too_expensive_for_the_rest_never_begins() -> None:
    run = Spending(1.0, 0.6, 0.6, 0.3)
    assert run.begun == [0, 2]
    run.finish(0, 0.6)
    assert (run.begun, run.dropped) == ([0, 2], [])  # the other may cost less than it has reserved
    run.finish(2, 0.3)
    assert (run.begun, run.dropped) == ([0, 2], [1])
    assert run.scheduler.done


def test_where_nothing_is_known_one_at_a_time_begins_until_the_money_is_spent() -> None:
    run = Spending(1.0, inf, inf, inf, inf)
    assert run.begun == [0]
    run.finish(0, 0.7)
    assert run.begun == [0, 1]
    run.finish(1, 0.5)
    assert (run.begun, run.dropped) == ([0, 1], [2, 3])
    assert run.scheduler.done


def test_what_costs_more_than_the_whole_budget_is_dropped_at_once_with_what_waits_for_it() -> None:
    run = Spending(1.0, 5.0, 5.0, 0.0, after={1: (0,), 2: (1,)})
    assert (run.begun, run.dropped) == ([2], [0, 1])


@pytest.mark.parametrize("end", [lambda run: run.finish(0, None), lambda run: run.lose(0)])
def test_an_unknown_price_is_taken_to_be_what_was_reserved(end: object) -> None:
    run = Spending(1.0, 0.6, 0.6)
    assert callable(end)
    end(run)
    assert (run.begun, run.dropped) == ([0], [1])


def test_an_unknown_price_counts_as_nothing_where_no_limit_is_known_either() -> None:
    run = Spending(1.0, inf, inf)
    run.finish(0, None)
    assert (run.begun, run.dropped) == ([0, 1], [])


def test_what_costs_nothing_begins_in_any_case() -> None:
    run = Spending(1.0, 1.0, 0.0, 0.0)
    assert sorted(run.begun) == [0, 1, 2]


COSTS = st.sampled_from([0.1, 0.5, 1.0, 3.0])


@given(
    st.floats(0.1, 5.0),
    st.lists(st.tuples(st.one_of(COSTS, st.just(inf)), st.floats(0.0, 1.0)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_budget_is_never_exceeded_by_those_that_keep_to_theirs(
    budget: float, checks: list[tuple[float, float]], random: object
) -> None:
    run = Spending(budget, *(reserve for reserve, _ in checks))
    spent, unlimited = 0.0, 0.0
    while run.running:
        check = random.choice(sorted(run.running))  # type: ignore[attr-defined]
        reserve, share = checks[check]
        cost = share * (3.0 if reserve == inf else reserve)
        spent += cost
        unlimited = cost if reserve == inf else unlimited
        run.finish(check, cost)
    assert run.scheduler.done
    assert sorted(run.begun + run.dropped) == list(range(len(checks)))
    assert spent <= budget + max(unlimited, 0.0) + 0.001
