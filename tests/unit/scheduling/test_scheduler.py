"""Lists of commands for lists of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Group, Lock, Plan
from pytest_parallel_agents.scheduling.admission import ROUNDS
from pytest_parallel_agents.scheduling.events import (
    AssignLanes,
    BeginLast,
    CheckFinished,
    ChecksCancelled,
    ChecksReturned,
    CheckStarted,
    Command,
    DropCheck,
    EndCheck,
    HostLost,
    OneWorkerFewer,
    RecallLanes,
    ReleaseWorker,
    RunStarted,
    RunStopped,
    StartWorker,
    Tick,
    WorkerCaughtUp,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.scheduler import Scheduler

PATIENCE = ROUNDS * 2
"""With two CPUs."""

WRITE_DB = (Lock("db", write=True),)
READ_DB = (Lock("db", write=False),)


def check(index: int, *, cpus: int = 1, timeout: float | None = None, alone: bool = False) -> Check:
    return Check(
        index=index, nodeid=f"n{index}", kind="test", name=f"n{index}", cpus=cpus, timeout=timeout, alone=alone
    )


def plan_of(
    *checks: Check,
    lanes: Sequence[tuple[int, ...]] = (),
    locks: Mapping[int, tuple[Lock, ...]] | None = None,
    after: Mapping[int, tuple[int, ...]] | None = None,
) -> Plan:
    in_lanes = {index for lane in lanes for index in lane}
    single = tuple((one.index,) for one in checks if one.index not in in_lanes)
    return Plan(
        checks={one.index: one for one in checks},
        lanes=(*lanes, *single),
        locks=locks or {},
        predecessors=after or {},
    )


def begun(
    plan: Plan, seconds: Mapping[int, float] | None = None, *, cpus: int = 2, max_workers: int = 8
) -> tuple[Scheduler, list[Command]]:
    scheduler = Scheduler(plan, estimates=seconds or {}, hosts=[Host(cpus=cpus, workers=max_workers)], in_order=True)
    return scheduler, scheduler.handle(RunStarted(0.0))


def finish(
    scheduler: Scheduler, worker: str, index: int, time: float = 1.0, seconds: float | None = None
) -> list[Command]:
    assert scheduler.handle(CheckStarted(worker, index, time)) == []
    return scheduler.handle(CheckFinished(worker, index, time, seconds))


def finish_and_hear(scheduler: Scheduler, worker: str, index: int, seconds: float | None = None) -> list[Command]:
    return finish(scheduler, worker, index, seconds=seconds) + scheduler.handle(WorkerCaughtUp(worker, 1.0))


def assign(worker: str, *lanes: int | tuple[int, ...], then: int | None = None) -> AssignLanes:
    """A number is a lane of one check."""
    return AssignLanes(worker, tuple((lane,) if isinstance(lane, int) else lane for lane in lanes), then)


def test_an_empty_plan_needs_no_worker() -> None:
    scheduler, commands = begun(plan_of())
    assert commands == []
    assert scheduler.done


def test_all_workers_are_started_before_any_is_assigned_a_check() -> None:
    _, commands = begun(plan_of(check(0), check(1), check(2)), {0: 10, 1: 15, 2: 8}, cpus=3)
    assert commands == [
        StartWorker("gw0"),
        StartWorker("gw1"),
        StartWorker("gw2"),
        assign("gw0", 1),
        assign("gw1", 0),
        assign("gw2", 2),
    ]


def test_the_longest_goes_first_and_an_idle_worker_is_released() -> None:
    scheduler, commands = begun(plan_of(check(0), check(1), check(2)), {0: 1, 1: 2, 2: 3})
    assert commands[2:] == [assign("gw0", 2), assign("gw1", 1)]
    assert finish(scheduler, "gw1", 1) == [assign("gw1", 0)]
    assert finish(scheduler, "gw0", 2) == [ReleaseWorker("gw0")]
    assert finish(scheduler, "gw1", 0) == [ReleaseWorker("gw1")]
    assert scheduler.done


@pytest.mark.parametrize(
    ("needed", "seconds", "order"),
    [
        (1, {0: 3, 1: 1, 2: 2}, [1, 2, 0]),
        (2, {0: 3, 1: 1, 2: 2}, [1, 2, 0]),
        (None, {0: 3, 1: 1, 2: 2}, [0, 2, 1]),
        (1, {1: 1}, [1, 0, 2]),
        (1, {}, [0, 1, 2]),
    ],
)
def test_the_shortest_goes_first_where_not_all_must_pass(
    needed: int | None, seconds: dict[int, float], order: list[int]
) -> None:
    plan = plan_of(*(check(index, cpus=2) for index in range(3)))
    group = Group(name="solvers", needed=needed, members=(0, 1, 2))
    scheduler = Scheduler(plan, estimates=seconds, hosts=[Host(cpus=2, workers=2)], groups=[group])
    (_, first) = scheduler.handle(RunStarted(0.0))
    (second,) = finish(scheduler, "gw0", order[0])
    (third,) = finish(scheduler, "gw0", order[1])
    assert [first, second, third] == [assign("gw0", index) for index in order]


def test_a_group_that_waits_for_some_keeps_its_place_among_others() -> None:
    plan = plan_of(*(check(index, cpus=2) for index in range(4)))
    group = Group(name="solvers", needed=1, members=(0, 1))
    scheduler = Scheduler(plan, estimates={0: 9, 1: 1, 2: 5, 3: 4}, hosts=[Host(cpus=2, workers=2)], groups=[group])
    assert scheduler.handle(RunStarted(0.0))[1:] == [assign("gw0", 1)]
    assert finish(scheduler, "gw0", 1) == [assign("gw0", 2)]


def test_a_chain_counts_as_a_whole() -> None:
    plan = plan_of(check(0), check(1), check(2), after={2: (1,)})
    _, commands = begun(plan, {0: 3, 1: 1, 2: 3}, cpus=1)
    assert commands == [StartWorker("gw0"), assign("gw0", 1)]


def test_writers_of_one_lock_count_as_a_chain() -> None:
    plan = plan_of(*map(check, range(4)), locks={1: WRITE_DB, 2: WRITE_DB, 3: WRITE_DB})
    _, commands = begun(plan, {0: 2, 1: 1, 2: 1, 3: 1}, cpus=1)
    assert commands == [StartWorker("gw0"), assign("gw0", 1)]


def test_short_neighbours_share_a_message() -> None:
    _, commands = begun(plan_of(*map(check, range(1000))), dict.fromkeys(range(1000), 0.001), cpus=2)
    assert commands[2] == assign("gw0", *range(50))
    assert commands[3] == assign("gw1", *range(50, 100))


def test_of_unknown_checks_at_most_32_share_a_message() -> None:
    _, commands = begun(plan_of(*map(check, range(1000))), cpus=2)
    assert commands[2] == assign("gw0", *range(32))


def test_batches_shrink_towards_the_end() -> None:
    _, commands = begun(plan_of(*map(check, range(12))), cpus=2)
    assert commands[2:] == [assign("gw0", 0, 1, 2), assign("gw1", 3, 4, 5)]


def test_checks_of_which_nothing_is_known_begin_at_both_ends() -> None:
    plan = plan_of(*map(check, range(8)), locks={index: (Lock(f"l{index}", write=True),) for index in range(8)})
    scheduler = Scheduler(plan, estimates={}, hosts=[Host(cpus=2, workers=2)])
    assert scheduler.handle(RunStarted(0.0))[2:] == [assign("gw0", 0), assign("gw1", 7)]
    assert finish(scheduler, "gw1", 7) == [assign("gw1", 1)]


@pytest.mark.parametrize(("seconds", "cpus"), [({3: 0.001}, 2), ({}, 1)])
def test_where_something_is_known_or_there_is_one_cpu_all_begin_at_the_front(
    seconds: dict[int, float], cpus: int
) -> None:
    plan = plan_of(*map(check, range(4)), locks={index: (Lock(f"l{index}", write=True),) for index in range(4)})
    commands = Scheduler(plan, estimates=seconds, hosts=[Host(cpus=cpus, workers=2)]).handle(RunStarted(0.0))
    assert commands[cpus:] == [assign("gw0", 0), assign("gw1", 1)][:cpus]


def test_a_worker_gets_more_before_it_runs_dry() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(1000))), dict.fromkeys(range(1000), 0.001), cpus=2)
    assert commands[2:] == [assign("gw0", *range(50)), assign("gw1", *range(50, 100))]
    assert scheduler.handle(WorkerCaughtUp("gw0", 0.0)) == []
    assert finish_and_hear(scheduler, "gw0", 0) == [assign("gw0", *range(100, 150))]
    for index in range(1, 50):
        assert finish_and_hear(scheduler, "gw0", index) == []
    assert finish_and_hear(scheduler, "gw0", 100) == [assign("gw0", *range(150, 200))]


def test_nothing_is_put_behind_a_long_check() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(100))), {**dict.fromkeys(range(100), 0.01), 5: 0.06}, cpus=1)
    assert commands[1] == assign("gw0", 5)
    assert scheduler.handle(WorkerCaughtUp("gw0", 0.0)) == []
    assert finish(scheduler, "gw0", 5) == [assign("gw0", 0, 1, 2, 3, 4)]
    assert finish_and_hear(scheduler, "gw0", 0) == [assign("gw0", 6, 7, 8, 9, 10)]


def test_a_worker_runs_dry_for_a_check_that_needs_all_cpus_and_is_more_urgent() -> None:
    seconds = {**dict.fromkeys(range(200), 0.001), 200: 0.06}
    plan = plan_of(*map(check, range(200)), check(200, cpus=2), after={200: (0,)})
    scheduler, commands = begun(plan, seconds, cpus=2)
    assert commands[2:] == [assign("gw0", *range(50)), assign("gw1", *range(50, 100))]
    assert finish_and_hear(scheduler, "gw0", 0) == []


def test_no_worker_gets_more_after_a_stop() -> None:
    scheduler, _ = begun(plan_of(*map(check, range(1000))), dict.fromkeys(range(1000), 0.001), cpus=2)
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    scheduler.handle(RunStopped(0.0))
    assert scheduler.handle(WorkerCaughtUp("gw0", 0.0)) == []


def test_how_long_unknown_checks_take_is_learned_from_those_that_are_over() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(2000))), cpus=1)
    assert commands[1] == assign("gw0", *range(32))
    for index in range(31):
        assert finish(scheduler, "gw0", index, seconds=0.0001) == []
    (last,) = finish(scheduler, "gw0", 31, seconds=0.0001)
    assert len(last.checks) > 200  # type: ignore[union-attr]


def test_unknown_checks_that_turn_out_long_go_one_at_a_time() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(100))), cpus=1)
    assert commands[1] == assign("gw0", *range(32))
    for index in range(31):
        assert finish_and_hear(scheduler, "gw0", index, seconds=1.0) == []
    assert finish(scheduler, "gw0", 31, seconds=1.0) == [assign("gw0", 32)]


def test_an_idle_worker_gets_checks_that_wait_behind_a_long_one() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(8))), dict.fromkeys(range(8), 0.001), cpus=2)
    assert commands[2:] == [assign("gw0", 0, 1), assign("gw1", 2, 3)]
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    for index in (2, 3, 4, 5, 6):
        commands = finish(scheduler, "gw1", index)
    commands = finish(scheduler, "gw1", 7)
    assert commands == [RecallLanes("gw0")]
    assert scheduler.handle(ChecksReturned("gw0", (1,), 2.0)) == [assign("gw1", 1)]


def test_returned_checks_of_a_lane_go_on_where_the_lane_began() -> None:
    plan = plan_of(*map(check, range(3)), lanes=[(0, 1)])
    scheduler, commands = begun(plan, dict.fromkeys(range(3), 9.0))
    assert commands[2:] == [assign("gw0", (0, 1)), assign("gw1", 2)]
    assert finish(scheduler, "gw0", 0) == []
    assert finish(scheduler, "gw1", 2) == [ReleaseWorker("gw1")]
    assert scheduler.handle(ChecksReturned("gw0", (1,), 2.0)) == [assign("gw0", 1)]


def test_an_empty_answer_to_recall_changes_nothing() -> None:
    scheduler, _ = begun(plan_of(*map(check, range(4))), dict.fromkeys(range(4), 0.001), cpus=2)
    assert scheduler.handle(ChecksReturned("gw0", (), 2.0)) == []


def test_a_lane_stays_on_its_worker_and_each_check_knows_the_next() -> None:
    plan = plan_of(*map(check, range(4)), lanes=[(0, 1, 2)], locks={1: WRITE_DB})
    scheduler, commands = begun(plan, {0: 5, 1: 5, 2: 5, 3: 1})
    assert commands[2:] == [assign("gw0", 0, then=1), assign("gw1", 3)]
    assert finish(scheduler, "gw0", 0) == [assign("gw0", 1, then=2)]
    assert finish(scheduler, "gw0", 1) == [assign("gw0", 2)]


def test_a_lane_of_plain_checks_goes_whole() -> None:
    _, commands = begun(plan_of(*map(check, range(4)), lanes=[(0, 2, 3)]), dict.fromkeys(range(4), 5.0))
    assert commands[2:] == [assign("gw0", (0, 2, 3)), assign("gw1", 1)]


def test_a_lane_that_waits_keeps_its_worker_but_no_cpu() -> None:
    plan = plan_of(*map(check, range(5)), lanes=[(0, 1)], locks={1: WRITE_DB, 2: WRITE_DB})
    scheduler, commands = begun(plan, {0: 1, 1: 9, 2: 20, 3: 5, 4: 5})
    assert commands[2:] == [assign("gw0", 2), assign("gw1", 0, then=1)]
    assert finish(scheduler, "gw1", 0) == [StartWorker("gw2"), assign("gw2", 3)]
    assert finish(scheduler, "gw0", 2) == [assign("gw1", 1)]
    assert finish(scheduler, "gw2", 3) == [assign("gw2", 4), ReleaseWorker("gw0")]


def test_without_another_worker_the_waiting_one_runs_something_else() -> None:
    plan = plan_of(*map(check, range(3)), lanes=[(0, 1)], after={1: (2,), 2: (0,)})
    scheduler, commands = begun(plan, cpus=1, max_workers=1)
    assert commands == [StartWorker("gw0"), assign("gw0", 0, then=1)]
    assert finish(scheduler, "gw0", 0) == [assign("gw0", 2)]
    assert finish(scheduler, "gw0", 2) == [assign("gw0", 1)]


def test_checks_that_fit_overtake_a_wide_one_until_it_is_starved() -> None:
    narrow = [check(index) for index in range(1, PATIENCE + 8)]
    seconds = {0: 9.0, 1: 10.0, 2: 10.0} | {one.index: 1.0 for one in narrow[2:]}
    scheduler, commands = begun(plan_of(check(0, cpus=2), *narrow), seconds)
    assert commands[2:] == [assign("gw0", 1), assign("gw1", 2)]
    passed = 0
    commands, last = finish(scheduler, "gw0", 1), 1
    while commands and isinstance(commands[0], AssignLanes) and commands[0].checks != (0,):
        passed += 1
        last = commands[0].checks[0]
        commands = finish(scheduler, "gw0", last)
    assert passed == PATIENCE
    assert commands == []
    assert finish(scheduler, "gw1", 2) == [assign("gw1", 0)]


def test_a_starved_writer_is_preferred_to_readers() -> None:
    readers = range(1, PATIENCE + 8)
    plan = plan_of(check(0), *map(check, readers), locks={0: WRITE_DB, **dict.fromkeys(readers, READ_DB)})
    seconds = {0: 9.0, 1: 20.0, 2: 10.0} | dict.fromkeys(readers[2:], 1.0)
    scheduler, commands = begun(plan, seconds)
    assert commands[2:] == [assign("gw0", 1), assign("gw1", 2)]
    passed = 0
    commands = finish(scheduler, "gw1", 2)
    while commands and isinstance(commands[0], AssignLanes):
        passed += 1
        commands = finish(scheduler, "gw1", commands[0].checks[0])
    assert passed == PATIENCE
    assert finish(scheduler, "gw0", 1)[0] == assign("gw0", 0)


def test_all_readers_start_when_the_writer_is_done() -> None:
    plan = plan_of(*map(check, range(4)), locks={0: WRITE_DB, 1: READ_DB, 2: READ_DB, 3: READ_DB})
    scheduler, commands = begun(plan, {0: 9, 1: 1, 2: 1, 3: 1}, cpus=3)
    assert commands == [StartWorker("gw0"), assign("gw0", 0)]
    commands = finish(scheduler, "gw0", 0)
    assert [one for one in commands if isinstance(one, AssignLanes)] == [
        assign("gw0", 1),
        assign("gw1", 2),
        assign("gw2", 3),
    ]


def test_a_check_that_lacks_a_second_lock_lets_the_next_have_the_first() -> None:
    both = (Lock("a", write=True), Lock("b", write=True))
    plan = plan_of(*map(check, range(4)), locks={0: both[:1], 1: both[1:], 2: both, 3: both[:1]})
    scheduler, commands = begun(plan, {0: 20, 1: 30, 2: 10, 3: 1}, cpus=3)
    assert commands[2:] == [assign("gw0", 1), assign("gw1", 0)]
    assert finish(scheduler, "gw1", 0) == [assign("gw1", 3)]
    assert finish(scheduler, "gw0", 1) == []
    assert finish(scheduler, "gw1", 3) == [assign("gw1", 2), ReleaseWorker("gw0")]


def test_what_runs_alone_runs_last_and_alone() -> None:
    plan = plan_of(check(0, alone=True), check(1), check(2), check(3, alone=True))
    scheduler, commands = begun(plan, {0: 9, 1: 1, 2: 1, 3: 9})
    assert commands[2:] == [assign("gw0", 1), assign("gw1", 2)]
    assert finish(scheduler, "gw0", 1) == []
    assert finish(scheduler, "gw1", 2) == [assign("gw1", 0)]
    assert finish(scheduler, "gw1", 0) == [assign("gw1", 3), ReleaseWorker("gw0")]


def test_what_runs_alone_comes_early_when_a_long_chain_waits_for_it() -> None:
    plan = plan_of(check(0, alone=True), *map(check, range(1, 5)), after={4: (0,)})
    scheduler, commands = begun(plan, {0: 1, 1: 2, 2: 2, 3: 2, 4: 90})
    assert commands == [StartWorker("gw0"), assign("gw0", 0)]
    assert finish(scheduler, "gw0", 0) == [assign("gw0", 4), StartWorker("gw1"), assign("gw1", 1)]


def test_checks_that_claim_no_cpu_run_beside_those_that_do() -> None:
    plan = plan_of(check(0), check(1, cpus=0), check(2, cpus=0))
    _, commands = begun(plan, {0: 1, 1: 2, 2: 2}, cpus=1)
    assert commands[3:] == [assign("gw0", 1), assign("gw1", 2), assign("gw2", 0)]


def test_checks_that_claim_no_cpu_leave_a_worker_for_each_cpu() -> None:
    plan = plan_of(*(check(index, cpus=0) for index in range(3)), check(3))
    scheduler, commands = begun(plan, {0: 9, 1: 9, 2: 9, 3: 1}, cpus=1, max_workers=2)
    assert commands[2:] == [assign("gw0", 0), assign("gw1", 3)]
    assert finish(scheduler, "gw1", 3) == [assign("gw1", 1)]


def test_no_check_claims_more_cpus_than_there_are() -> None:
    _, commands = begun(plan_of(check(0, cpus=16)), cpus=2)
    assert commands == [StartWorker("gw0"), assign("gw0", 0)]


def plain(index: int, file: str = "test_a.py") -> Check:
    return Check(index=index, nodeid=f"{file}::n{index}", kind="test", name=f"n{index}", marked=False)


def start(plan: Plan, seconds: Mapping[int, float] | None = None) -> tuple[Scheduler, list[Command]]:
    scheduler = Scheduler(plan, estimates=seconds or {}, hosts=[Host(cpus=2, workers=2)])
    return scheduler, scheduler.handle(RunStarted(0.0))


def test_the_longest_file_begins_first_and_in_order() -> None:
    files = ["a", "a", "b", "b", "b", "c"]
    plan = plan_of(*(plain(index, file) for index, file in enumerate(files)))
    scheduler, commands = start(plan, dict.fromkeys(range(6), 1.0))
    assert commands[2:] == [assign("gw0", 2), assign("gw1", 0)]
    assert finish(scheduler, "gw0", 2) == [assign("gw0", 3)]
    assert finish(scheduler, "gw1", 0) == [assign("gw1", 1)]
    assert finish(scheduler, "gw1", 1) == [assign("gw1", 5)]


def test_an_idle_worker_gets_the_tail_of_a_file() -> None:
    scheduler, commands = start(plan_of(*map(plain, range(6))), dict.fromkeys(range(6), 1.0))
    assert commands[2:] == [assign("gw0", 0), assign("gw1", 3)]
    assert finish(scheduler, "gw0", 0) == [assign("gw0", 1)]


def test_a_long_test_is_not_left_to_the_end() -> None:
    seconds = {**dict.fromkeys(range(6), 1.0), 2: 5.0}
    _, commands = start(plan_of(*map(plain, range(6))), seconds)
    assert commands[2:] == [assign("gw0", 2), assign("gw1", 0)]


def test_a_few_tests_of_which_nothing_is_known_are_left_to_one_worker_for_a_moment() -> None:
    plan = plan_of(*(plain(index, f"test_{index // 2}.py") for index in range(8)))
    scheduler, commands = start(plan)
    assert commands == [StartWorker("gw0"), assign("gw0", 0, 1)]
    assert scheduler.deadline is None
    assert scheduler.handle(CheckStarted("gw0", 0, 1.0)) == []
    assert scheduler.deadline == pytest.approx(1.05)
    assert scheduler.handle(Tick(1.06))[0] == StartWorker("gw1")
    assert scheduler.deadline is None


def test_no_worker_goes_on_with_its_file_to_know_what_follows_while_something_is_more_urgent() -> None:
    plan = plan_of(*map(plain, range(6)), check(6), check(7, cpus=2), after={7: (6,)})
    seconds = {**dict.fromkeys(range(7), 1.0), 7: 50.0}
    scheduler = Scheduler(plan, estimates=seconds, hosts=[Host(cpus=2, workers=2)], ahead=True)
    assert scheduler.handle(RunStarted(0.0))[4:] == [assign("gw0", 3), assign("gw1", 1)]
    assert finish(scheduler, "gw0", 6) == [BeginLast("gw0")]
    assert finish(scheduler, "gw1", 0) == [BeginLast("gw1")]


def test_a_recalled_file_goes_on_where_it_was() -> None:
    scheduler, commands = start(plan_of(*map(plain, range(40))), dict.fromkeys(range(40), 0.001))
    assert commands[2] == assign("gw0", *range(10))
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    scheduler.handle(RunStopped(0.0))
    scheduler.handle(ChecksReturned("gw0", tuple(range(1, 10)), 0.0))
    assert scheduler.unstarted == tuple(range(1, 40))


def test_a_time_limit_kills_once() -> None:
    scheduler, _ = begun(plan_of(check(0, timeout=5.0)))
    assert scheduler.deadline is None
    scheduler.handle(CheckStarted("gw0", 0, 1.0))
    assert scheduler.deadline == 6.0
    assert scheduler.handle(Tick(5.9)) == []
    assert scheduler.handle(Tick(6.0)) == [EndCheck("gw0", 0)]
    assert scheduler.deadline is None
    assert scheduler.handle(Tick(7.0)) == []
    assert scheduler.handle(WorkerLost("gw0", 0, 7.1)) == []
    assert scheduler.done


def test_each_attempt_has_the_whole_time() -> None:
    scheduler, _ = begun(plan_of(check(0, timeout=5.0)))
    scheduler.handle(CheckStarted("gw0", 0, 1.0))
    scheduler.handle(CheckStarted("gw0", 0, 4.0))
    assert scheduler.deadline == 9.0
    assert scheduler.handle(Tick(8.9)) == []
    assert scheduler.handle(Tick(9.0)) == [EndCheck("gw0", 0)]


def test_a_check_that_is_to_be_tried_again_goes_to_another_worker() -> None:
    scheduler, _ = begun(plan_of(check(0, timeout=5.0), check(1)), {0: 1, 1: 1}, cpus=1)
    scheduler.handle(CheckStarted("gw0", 0, 1.0))
    assert scheduler.handle(WorkerLost("gw0", None, 6.0)) == [
        StartWorker("gw1"),
        assign("gw1", 0),
    ]
    assert scheduler.deadline is None
    scheduler.handle(CheckStarted("gw1", 0, 7.0))
    assert scheduler.deadline == 12.0


def test_a_check_that_ends_in_time_has_no_deadline() -> None:
    scheduler, _ = begun(plan_of(check(0, timeout=5.0), check(1)), cpus=1)
    scheduler.handle(CheckStarted("gw0", 0, 1.0))
    scheduler.handle(CheckFinished("gw0", 0, 2.0))
    assert scheduler.deadline is None


def test_when_a_worker_is_lost_its_batch_goes_on_elsewhere() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(4)), lanes=[(0, 1, 2, 3)]), cpus=1)
    assert commands == [StartWorker("gw0"), assign("gw0", (0, 1, 2, 3))]
    finish(scheduler, "gw0", 0)
    scheduler.handle(CheckStarted("gw0", 1, 2.0))
    assert scheduler.handle(WorkerLost("gw0", 1, 3.0)) == [StartWorker("gw1"), assign("gw1", (2, 3))]


def test_a_worker_lost_before_it_ran_anything_costs_no_check() -> None:
    scheduler, _ = begun(plan_of(check(0)))
    assert scheduler.handle(WorkerLost("gw0", None, 1.0)) == [StartWorker("gw1"), assign("gw1", 0)]


def test_a_lane_whose_waiting_worker_is_lost_goes_on_elsewhere() -> None:
    plan = plan_of(*map(check, range(3)), lanes=[(0, 1)], after={1: (2,)})
    scheduler, _ = begun(plan, {0: 1, 1: 1, 2: 9})
    assert finish(scheduler, "gw1", 0) == []
    assert scheduler.handle(WorkerLost("gw1", None, 1.0)) == []
    assert finish(scheduler, "gw0", 2) == [assign("gw0", 1)]


def test_after_stop_nothing_starts() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(8))), dict.fromkeys(range(8), 0.001))
    assert commands[2:] == [assign("gw0", 0, 1), assign("gw1", 2, 3)]
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    scheduler.handle(CheckStarted("gw1", 2, 0.0))
    assert scheduler.handle(RunStopped(1.0)) == [RecallLanes("gw0", rest=True), RecallLanes("gw1", rest=True)]
    assert scheduler.handle(ChecksReturned("gw0", (1,), 2.0)) == []
    assert scheduler.handle(CheckFinished("gw0", 0, 2.0)) == [ReleaseWorker("gw0")]
    assert scheduler.handle(CheckFinished("gw1", 2, 2.0)) == []
    assert not scheduler.done
    assert scheduler.handle(ChecksReturned("gw1", (3,), 2.0)) == [ReleaseWorker("gw1")]
    assert scheduler.done
    assert scheduler.unstarted == (1, 3, 4, 5, 6, 7)


def test_stop_releases_a_worker_whose_lane_waits() -> None:
    plan = plan_of(*map(check, range(3)), lanes=[(0, 1)], after={1: (2,)})
    scheduler, _ = begun(plan, {0: 1, 1: 1, 2: 9})
    finish(scheduler, "gw1", 0)
    scheduler.handle(CheckStarted("gw0", 2, 1.0))
    assert scheduler.handle(RunStopped(1.0)) == [ReleaseWorker("gw1")]


@pytest.mark.parametrize(
    "event",
    [
        CheckStarted("gw9", 0, 1.0),
        CheckFinished("gw9", 0, 1.0),
        ChecksReturned("gw9", (), 1.0),
        WorkerLost("gw9", None, 1.0),
    ],
)
def test_events_of_a_released_worker_are_ignored(
    event: CheckStarted | CheckFinished | ChecksReturned | WorkerLost,
) -> None:
    scheduler, _ = begun(plan_of(check(0)))
    assert scheduler.handle(event) == []
    assert scheduler.unstarted == (0,)


def test_what_is_cancelled_is_dropped_recalled_or_killed() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(8))), dict.fromkeys(range(8), 0.001))
    assert commands[2:] == [assign("gw0", 0, 1), assign("gw1", 2, 3)]
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    scheduler.handle(CheckStarted("gw1", 2, 0.0))
    assert scheduler.handle(ChecksCancelled((0, 3, 4, 7), 1.0)) == [
        EndCheck("gw0", 0, late=False),
        RecallLanes("gw1", rest=True),
    ]
    assert scheduler.handle(ChecksReturned("gw1", (3,), 1.1)) == [DropCheck(3)]
    assert scheduler.handle(WorkerLost("gw0", 0, 1.2)) == [StartWorker("gw2"), assign("gw2", 1)]
    assert finish(scheduler, "gw1", 2) == [DropCheck(4), assign("gw1", 5)]
    assert finish(scheduler, "gw2", 1) == [assign("gw2", 6)]
    assert finish(scheduler, "gw1", 5) == [DropCheck(7), ReleaseWorker("gw1")]


def test_a_worker_that_is_recalled_twice_gets_nothing_before_both_answers() -> None:
    plan = plan_of(*map(plain, range(24)), lanes=[(0, 1, 2)])
    hosts = [Host(name=name, cpus=1, workers=1) for name in ("left", "lost")]
    scheduler = Scheduler(plan, estimates=dict.fromkeys(range(24), 0.001), hosts=hosts)
    assert scheduler.handle(RunStarted(0.0))[2] == assign("gw0", (0, 1, 2), 3, 4, 5)
    scheduler.handle(CheckStarted("gw0", 0, 0.0))
    assert scheduler.handle(WorkerCaughtUp("gw0", 0.0)) == [assign("gw0", 6, 7, 8, 9)]
    *_, last = (finish_and_hear(scheduler, "gw1", index, 0.001) for index in (*range(12, 24), 10, 11))
    assert last == [RecallLanes("gw0")]
    assert scheduler.handle(ChecksCancelled((2,), 0.1)) == [RecallLanes("gw0", rest=True)]
    assert scheduler.handle(HostLost("lost", 0.1)) == scheduler.handle(WorkerLost("gw1", None, 0.1)) == []
    assert scheduler.handle(ChecksReturned("gw0", tuple(range(3, 10)), 0.2)) == []
    scheduler.handle(CheckFinished("gw0", 0, 0.2, 0.001))
    assert scheduler.handle(WorkerCaughtUp("gw0", 0.2)) == []
    assert scheduler.handle(ChecksReturned("gw0", (1, 2), 0.3)) == [DropCheck(2), assign("gw0", 1, 3, 4, 5)]


def test_an_answer_to_no_recall_counts_for_nothing() -> None:
    scheduler, commands = start(plan_of(*map(plain, range(24))), dict.fromkeys(range(24), 0.001))
    assert commands[2] == assign("gw0", *range(6))
    assert scheduler.handle(ChecksReturned("gw0", (), 0.1)) == []
    assert scheduler.handle(WorkerCaughtUp("gw0", 0.2)) == [assign("gw0", 6, 7, 8, 9)]


def test_a_check_that_starts_before_its_cancellation_arrives_is_killed() -> None:
    scheduler, _ = begun(plan_of(check(0, timeout=9.0)))
    assert scheduler.handle(ChecksCancelled((0,), 1.0)) == [RecallLanes("gw0", rest=True)]
    assert scheduler.handle(CheckStarted("gw0", 0, 1.0)) == [EndCheck("gw0", 0, late=False)]
    assert scheduler.deadline is None
    assert scheduler.handle(ChecksReturned("gw0", (), 1.1)) == []
    assert scheduler.handle(WorkerLost("gw0", 0, 1.2)) == []
    assert scheduler.done


def test_what_waits_for_a_cancelled_check_goes_on() -> None:
    scheduler, commands = begun(plan_of(*map(check, range(3)), after={2: (1,)}), {0: 1, 1: 9, 2: 1}, cpus=1)
    assert commands[1:] == [assign("gw0", 1)]
    scheduler.handle(CheckStarted("gw0", 1, 0.0))
    assert scheduler.handle(ChecksCancelled((1,), 1.0)) == [EndCheck("gw0", 1, late=False)]
    assert scheduler.handle(WorkerLost("gw0", 1, 1.1)) == [StartWorker("gw1"), assign("gw1", 0)]


def test_what_only_one_worker_can_have_waits_for_it_when_another_is_lost() -> None:
    scheduler, commands = begun(plan_of(check(0), check(1), check(2)), {0: 2, 1: 3, 2: 1})
    assert commands[2:] == [assign("gw0", 1), assign("gw1", 0)]
    assert scheduler.handle(CheckStarted("gw0", 1, 0.0)) == scheduler.handle(CheckStarted("gw1", 0, 0.0)) == []

    assert scheduler.handle(OneWorkerFewer("gw0", 10.0)) == []
    assert scheduler.handle(WorkerLost("gw1", None, 11.0)) == []
    assert scheduler.handle(CheckFinished("gw0", 1, 12.0)) == [assign("gw0", 0)]
    assert finish(scheduler, "gw0", 0) == [assign("gw0", 2)]
    assert finish(scheduler, "gw0", 2) == [ReleaseWorker("gw0")]
    assert scheduler.done
