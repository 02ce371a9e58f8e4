"""Lists of commands for lists of events, on several hosts."""

from __future__ import annotations

from collections import deque

import pytest

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.scheduling.events import (
    AssignLanes,
    BeginLast,
    CheckFinished,
    ChecksCancelled,
    CheckStarted,
    DropCheck,
    HostJoined,
    HostLost,
    OneWorkerFewer,
    RunStarted,
    StartWorker,
    WorkerCaughtUp,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.scheduling.simulator import simulate
from tests.unit.scheduling.test_scheduler import assign, check, plain, plan_of

GPU = frozenset({"gpu"})
WRITE_GPU = (Lock("gpu", write=True),)
WITHOUT = Host(name="without", cpus=4, workers=4, capacities={"gpu": 0})


def plan_with_gpu(
    *checks: Check, needing: int, lanes: list[tuple[int, ...]], after: dict[int, tuple[int, ...]] | None = None
) -> Plan:
    """`needing` is the check that needs what hosts may lack."""
    return Plan(
        checks={one.index: one for one in checks},
        lanes=tuple(lanes),
        locks={needing: WRITE_GPU},
        per_host=GPU,
        predecessors=after or {},
    )


@pytest.mark.parametrize("ahead", [False, True])
def test_the_workers_of_a_lost_host_are_sent_nothing_more(*, ahead: bool) -> None:
    only = Host(name="only", cpus=1, workers=1)
    seconds = dict.fromkeys(range(24), 0.001)
    scheduler = Scheduler(plan_of(*map(plain, seconds)), estimates=seconds, hosts=[only], ahead=ahead)
    *_, first = scheduler.handle(RunStarted(0.0))
    assert isinstance(first, AssignLanes)
    assert scheduler.handle(HostLost("only", 0.1)) == []
    answers = []
    for index in first.checks[:-1]:
        for event in (CheckStarted("gw0", index, 0.2), CheckFinished("gw0", index, 0.2), WorkerCaughtUp("gw0", 0.2)):
            answers += scheduler.handle(event)
    assert answers == ([BeginLast("gw0")] if ahead else [])


def test_a_lane_claims_all_cpus_of_a_host_once_it_no_longer_needs_another() -> None:
    small = Host(name="with", cpus=1, workers=1)
    waiting = tuple((index,) for index in range(3, 8))
    plan = plan_with_gpu(
        check(0, cpus=4),
        *map(check, range(1, 8)),
        needing=1,
        lanes=[(0, 1), (2,), *waiting],
        after=dict.fromkeys((0, *range(3, 8)), (2,)),
    )
    seconds = {**dict.fromkeys(range(8), 1.0), 0: 9.0}
    scheduler = Scheduler(plan, estimates=seconds, hosts=[WITHOUT, small])
    assert scheduler.handle(RunStarted(0.0)) == [StartWorker("gw0", "without"), assign("gw0", 2)]
    assert scheduler.handle(ChecksCancelled((1,), 0.1)) == [DropCheck(1)]
    scheduler.handle(CheckStarted("gw0", 2, 0.1))
    assert scheduler.handle(CheckFinished("gw0", 2, 0.2)) == [
        assign("gw0", 0),
        StartWorker("gw1", "with"),
        assign("gw1", 3),
    ]


def test_a_lane_that_has_reserved_a_host_may_take_another_once_it_needs_no_resource() -> None:
    small = Host(name="with", cpus=2, workers=2)
    count = 60
    plan = plan_with_gpu(
        *(check(index, cpus=4 if index == 0 else 1) for index in range(count)),
        needing=1,
        lanes=[(0, 1), *((index,) for index in range(2, count))],
        after={0: (2,)},
    )
    for cancelled_after in range(20, 40):
        scheduler = Scheduler(plan, estimates={}, hosts=[WITHOUT, small], in_order=True)
        commands = deque(scheduler.handle(RunStarted(0.0)))
        running: deque[tuple[str, int]] = deque()
        over = 0
        while not scheduler.done:
            while commands:
                if isinstance(command := commands.popleft(), AssignLanes):
                    running += [(command.worker, index) for index in command.checks]
            worker, index = running.popleft()
            scheduler.handle(CheckStarted(worker, index, 1.0))
            commands += scheduler.handle(CheckFinished(worker, index, 1.0))
            over += 1
            if over == cancelled_after:
                commands += scheduler.handle(ChecksCancelled((1,), 1.0))
        assert over == count - 1


def test_what_no_longer_needs_a_resource_begins_where_that_is_absent() -> None:
    plan = Plan(
        checks={index: check(index) for index in range(3)},
        lanes=((0, 1), (2,)),
        locks={1: WRITE_GPU, 2: WRITE_GPU},
        per_host=GPU,
    )
    scheduler = Scheduler(plan, estimates={0: 9.0, 1: 1.0, 2: 1.0}, hosts=[WITHOUT])
    assert scheduler.handle(RunStarted(0.0)) == []
    assert scheduler.handle(ChecksCancelled((1,), 0.1)) == [
        DropCheck(1),
        StartWorker("gw0", "without"),
        assign("gw0", 0),
    ]
    joined = Host(name="with", cpus=1, workers=1)
    assert scheduler.handle(HostJoined(joined, 0.2)) == [StartWorker("gw1", "with"), assign("gw1", 2)]


def test_one_worker_fewer_here_is_no_fewer_elsewhere() -> None:
    hosts = [Host(name="here", cpus=2, workers=2), Host(name="elsewhere", cpus=1, workers=1)]
    scheduler = Scheduler(plan_of(check(0), check(1)), estimates={}, hosts=hosts, in_order=True)
    here = [StartWorker("gw0", "here"), StartWorker("gw1", "here")]
    assert scheduler.handle(RunStarted(0.0)) == [*here, assign("gw0", 0), assign("gw1", 1)]
    assert scheduler.handle(OneWorkerFewer("gw0", 10.0)) == []
    assert scheduler.handle(WorkerLost("gw0", None, 11.0)) == [StartWorker("gw2", "elsewhere"), assign("gw2", 0)]


def test_what_no_host_can_run_does_not_stand_before_what_one_can() -> None:
    hosts = [
        Host(name=has, cpus=2, workers=2, capacities={lacks: 0}) for has, lacks in (("gpu", "disk"), ("disk", "gpu"))
    ]
    locks = {0: WRITE_GPU, 1: (*WRITE_GPU, Lock("disk", write=True)), 2: WRITE_GPU}
    plan = Plan(
        checks={index: check(index) for index in locks},
        lanes=((0,), (1,), (2,)),
        locks=locks,
        per_host=frozenset({"gpu", "disk"}),
    )
    scheduler = Scheduler(plan, estimates={0: 9.0, 1: 5.0, 2: 1.0}, hosts=hosts)
    assert scheduler.handle(RunStarted(0.0)) == [StartWorker("gw0", "gpu"), assign("gw0", 0)]
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    assert scheduler.handle(CheckFinished("gw0", 0, 9.0)) == [assign("gw0", 2)]
    scheduler.handle(CheckStarted("gw0", 2, 9.0))
    scheduler.handle(CheckFinished("gw0", 2, 10.0))
    assert scheduler.stranded
    assert assign("gw1", 1) in scheduler.handle(HostJoined(Host(name="both", cpus=1, workers=1), 11.0))


@pytest.mark.parametrize("after", [(), (0,)])
def test_what_no_host_can_run_and_is_cancelled_strands_no_run(after: tuple[int, ...]) -> None:
    plan = plan_with_gpu(*map(check, range(3)), needing=1, lanes=[(0,), (1,), (2,)], after={1: after, 2: (1,)})
    scheduler = Scheduler(plan, estimates={}, hosts=[WITHOUT])
    scheduler.handle(RunStarted(0.0))
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    answers = [*scheduler.handle(ChecksCancelled((1,), 0.1)), *scheduler.handle(CheckFinished("gw0", 0, 0.2))]
    assert DropCheck(1) in answers
    assert any(isinstance(answer, AssignLanes) and answer.checks == (2,) for answer in answers)


def test_what_only_one_host_can_run_does_not_wait_there_behind_what_others_can() -> None:
    durations = dict.fromkeys(range(4), 10.0) | dict.fromkeys(range(4, 14), 30.0)
    checks = {n: Check(index=n, nodeid=f"n{n}", kind="test", name=f"n{n}", marked=True) for n in durations}
    plan = Plan(
        checks=checks,
        lanes=tuple((n,) for n in checks),
        locks=dict.fromkeys(range(4), (Lock("gpu", write=True),)),
        capacities={"gpu": 2},
        per_host=GPU,
    )
    hosts = [Host(name="has", cpus=2, workers=2), Host(name="lacks", cpus=2, workers=2, capacities={"gpu": 0})]
    simulation = simulate(plan, durations=durations, estimates=durations, hosts=hosts)
    assert [simulation.starts[n] for n in range(4)] == [0.0, 0.0, 10.0, 10.0]
    assert simulation.makespan == 90.0
