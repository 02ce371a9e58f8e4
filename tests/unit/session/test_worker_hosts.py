"""On which hosts checks may run."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model.hosts import LOCAL, Host
from pytest_parallel_agents.model.plan import Check, Lock, Plan, Policy
from pytest_parallel_agents.options import Options, Unmarked
from pytest_parallel_agents.scheduling.events import AssignLanes, RunStarted, StartWorker
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.session.worker_hosts import expected_slots, hosts_of, kept_here

COMMANDS = {0, 1}
GPU = Lock("GPU", write=True)


def options(*specs: str) -> Options:
    return Options(
        workers=len(specs),
        specs=specs,
        plan_only=False,
        policy=Policy.SERIALIZE,
        unmarked=Unmarked.PARALLEL,
        limits=Limits(),
    )


def plan_of(locks: dict[int, tuple[Lock, ...]]) -> Plan:
    """Two commands, then a test."""
    checks = {index: Check(index=index, nodeid=f"n{index}", kind="test", name=f"n{index}") for index in range(3)}
    return Plan(
        checks=checks, lanes=((0,), (1,), (2,)), locks=locks, capacities={"GPU": 0}, per_host=frozenset({"GPU"})
    )


def begun_on(plan: Plan, hosts: list[Host]) -> dict[int, str]:
    """The host of each check that begins at once."""
    commands = Scheduler(plan, estimates={}, hosts=hosts).handle(RunStarted(0.0))
    started = {command.worker: command.host for command in commands if isinstance(command, StartWorker)}
    assigned = [command for command in commands if isinstance(command, AssignLanes)]
    return {check: started[command.worker] for command in assigned for check in command.checks}


def test_commands_run_on_this_machine_if_it_has_workers() -> None:
    asked = options("ssh=build", "fork", "ssh=build", "fork")
    placed = kept_here(plan_of({}), COMMANDS, asked)

    assert begun_on(placed, hosts_of(asked)) == {0: LOCAL, 1: LOCAL, 2: "build"}


def test_commands_do_not_begin_on_a_host_that_is_free() -> None:
    asked = options("ssh=build", "ssh=build", "fork")
    placed = kept_here(plan_of({}), COMMANDS, asked)

    assert begun_on(placed, hosts_of(asked)) == {0: LOCAL, 2: "build"}


@pytest.mark.parametrize("specs", [("fork", "popen"), ("ssh=build", "ssh=other")])
def test_commands_run_anywhere_if_all_workers_are_alike(specs: tuple[str, ...]) -> None:
    plan = plan_of({})

    assert kept_here(plan, COMMANDS, options(*specs)) is plan


def test_a_command_runs_where_the_resource_is_that_only_hosts_have() -> None:
    asked = options("fork", "fork", "1*dask=tcp://head:1")
    placed = kept_here(plan_of({0: (GPU,)}), COMMANDS, asked)
    slots = expected_slots(asked, placed.per_host)

    assert begun_on(placed, [*hosts_of(asked), *slots]) == {0: slots[0].name, 1: LOCAL, 2: LOCAL}
