"""One simulated run, in a process of its own so that its memory can be measured."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import process_time
from typing import Final

import msgspec

from benchmarks.scale.load import Load, draw_load
from benchmarks.scale.network import Conditions, Network
from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.bounds import lower_bound
from pytest_parallel_agents.scheduling.priorities import fill_in
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.scheduling.shards import divide

CPUS_OF_A_HOST: Final = 10


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated: `median` are a check's seconds, `latency` those of a message one way, `service` the CPU
    seconds of the controller for a check, `losses` the share of workers lost in an hour.
    """

    workers: int
    checks: int
    latency: float
    median: float
    service: float = 0.0
    losses: float = 0.01
    controllers: int = 1


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `bound` and `makespan` are virtual seconds, `work` those of all checks; `scheduling` are CPU
    seconds for each check, of which `preparing` are spent before the run, `memory` bytes for each.
    """

    makespan: float
    bound: float
    work: float
    scheduling: float
    preparing: float
    messages: float
    memory: float
    lost: int


def simulate_case(case: Case, seed: int) -> Figures:
    """`run_case` in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(run_case, case, seed).result()


def run_case(case: Case, seed: int) -> Figures:
    """The figures of one case. Each controller has its shard of the checks, and an equal share of the workers.

    Raises AssertionError if a check did not run.
    """
    before = _peak()
    load = draw_load(case.checks, median=case.median, seed=seed)
    workers = case.workers // case.controllers
    runs = [_run(case, plan, load, workers, seed) for plan in _plans(load, case.controllers)]
    return Figures(
        makespan=max(run.makespan for run in runs),
        bound=lower_bound(load.plan, load.durations, case.workers),
        work=sum(load.durations.values()),
        scheduling=sum(run.scheduling for run in runs) / case.checks,
        preparing=sum(run.preparing for run in runs) / case.checks,
        messages=sum(run.messages for run in runs) / case.checks,
        memory=(_peak() - before) / case.checks,
        lost=sum(run.lost for run in runs),
    )


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    makespan: float
    scheduling: float
    preparing: float
    messages: int
    lost: int


def _run(case: Case, plan: Plan, load: Load, workers: int, seed: int) -> _Part:
    began = process_time()
    scheduler = Scheduler(plan, estimates=load.estimates, hosts=_hosts(workers))
    preparing = process_time() - began
    conditions = Conditions(latency=case.latency, service=case.service, losses=case.losses)
    ran = Network(scheduler, load.durations, conditions, seed=seed).run()
    if ran.over != len(plan.checks):
        raise AssertionError(f"{len(plan.checks) - ran.over} checks did not run: {case}")
    return _Part(
        makespan=ran.makespan,
        scheduling=ran.scheduling + preparing,
        preparing=preparing,
        messages=ran.events + ran.commands,
        lost=ran.lost,
    )


def _plans(load: Load, controllers: int) -> Sequence[Plan]:
    if controllers == 1:
        return [load.plan]
    division = divide(load.plan, (), fill_in(load.plan, load.estimates), controllers)
    return [_part(load.plan, frozenset(shard)) for shard in division.shards]


def _part(plan: Plan, checks: frozenset[int]) -> Plan:
    return msgspec.structs.replace(
        plan,
        checks={index: check for index, check in plan.checks.items() if index in checks},
        lanes=tuple(lane for lane in plan.lanes if lane[0] in checks),
        locks={index: locks for index, locks in plan.locks.items() if index in checks},
    )


def _hosts(workers: int) -> list[Host]:
    """Hosts of ten CPUs, with two workers more each that stand in for those that wait."""
    cpus = min(workers, CPUS_OF_A_HOST)
    return [Host(name=f"host{number}", cpus=cpus, workers=cpus + 2) for number in range(workers // cpus)]


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
