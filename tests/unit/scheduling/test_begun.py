"""Which checks that have begun fit the plan, and that the scheduler assigns them first."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Lock, Plan
from pytest_parallel_agents.scheduling.begun import Begun, Work, fitting
from pytest_parallel_agents.scheduling.events import AssignLanes, Command, RunStarted
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from tests.unit.scheduling.test_scheduler import READ_DB, WRITE_DB, check, finish, plan_of

RUNS = Work(1.0, is_over=False)
OVER = Work(1.0, is_over=True)


def assigned(commands: list[Command]) -> list[tuple[int, ...]]:
    return [command.checks for command in commands if isinstance(command, AssignLanes)]


def test_those_that_run_and_those_that_are_over_fit() -> None:
    found = fitting(plan_of(check(0), check(1), check(2)), {2: RUNS, 0: OVER}, cpus=2)

    assert found == Begun((2,), (0,))
    assert found.checks == {0, 2}


@pytest.mark.parametrize("work", [RUNS, OVER])
@pytest.mark.parametrize(
    "plan",
    [
        plan_of(check(0, alone=True), check(1)),
        plan_of(check(0), check(1), after={0: (1,)}),
        plan_of(check(0), check(1), lanes=[(0, 1)]),
    ],
    ids=["alone", "waits", "in a lane"],
)
def test_what_needs_its_turn_does_not_fit(plan: Plan, work: Work) -> None:
    assert fitting(plan, {0: work}, cpus=2) == Begun()


def test_a_limit_counts_for_work_that_is_over_here_and_later_for_work_that_runs() -> None:
    plan = plan_of(check(0, timeout=1.0), check(1, timeout=1.0), check(2, timeout=2.0))

    assert fitting(plan, {0: OVER, 1: RUNS, 2: OVER}, cpus=2) == Begun((1,), (2,))


@pytest.mark.parametrize(
    ("wanted", "running"),
    [([WRITE_DB, WRITE_DB], (0,)), ([WRITE_DB, READ_DB], (0,)), ([READ_DB, READ_DB], (0, 1)), ([WRITE_DB, ()], (0, 1))],
)
def test_of_two_that_exclude_each_other_one_fits(wanted: list[tuple[Lock, ...]], running: tuple[int, ...]) -> None:
    plan = plan_of(check(0), check(1), locks=dict(enumerate(wanted)))

    assert fitting(plan, {0: RUNS, 1: RUNS}, cpus=4) == Begun(running)


def test_no_more_run_than_there_are_cpus() -> None:
    plan = plan_of(check(0), check(1, cpus=2), check(2, cpus=0), check(3))

    assert fitting(plan, dict.fromkeys(range(4), RUNS), cpus=2) == Begun((0, 2, 3))


def test_a_check_that_conflicts_with_a_running_one_waits_for_it() -> None:
    """The others take longer, and would come first."""
    plan = plan_of(*map(check, range(4)), locks={0: WRITE_DB, 3: READ_DB})
    scheduler = Scheduler(
        plan, estimates={0: 0.1, 1: 9.0, 2: 8.0, 3: 7.0}, hosts=[Host(cpus=2, workers=8)], begun=Begun(running=(3,))
    )

    assert assigned(scheduler.handle(RunStarted(0.0))) == [(3,), (1,)]
    assert assigned(finish(scheduler, "gw1", 1)) == [(2,)]
    assert assigned(finish(scheduler, "gw1", 2)) == []
    assert assigned(finish(scheduler, "gw0", 3)) == [(0,)]


def test_work_that_is_over_comes_next_and_says_nothing_about_the_others() -> None:
    plan = plan_of(*map(check, range(4)))
    scheduler = Scheduler(
        plan, estimates={}, hosts=[Host(cpus=3, workers=8)], begun=Begun(running=(2,), over=(3,)), in_order=True
    )

    assert assigned(scheduler.handle(RunStarted(0.0)))[:3] == [(2,), (3,), (0,)]


def test_nothing_goes_along_with_a_check_that_runs() -> None:
    plan = plan_of(*map(check, range(20)))
    scheduler = Scheduler(
        plan, estimates=dict.fromkeys(range(20), 0.001), hosts=[Host(cpus=2, workers=8)], begun=Begun(running=(19,))
    )

    assert (19,) in assigned(scheduler.handle(RunStarted(0.0)))
