"""Lists of commands for lists of events, on several hosts."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.scheduling.events import (
    AssignLanes,
    BeginLast,
    CheckFinished,
    CheckStarted,
    HostLost,
    RunStarted,
    WorkerCaughtUp,
)
from pytest_parallel_agents.scheduling.hosts import Host
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from tests.unit.scheduling.test_scheduler import plain, plan_of


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
