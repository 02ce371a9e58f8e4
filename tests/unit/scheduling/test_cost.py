"""What a decision of the scheduler costs, counted in calls: the same on every machine."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.profiling.profiler import Profiler
from pytest_parallel_agents.scheduling.simulator import simulate

CHECKS = 2000
MOST_CALLS_A_CHECK = 200


@pytest.mark.agent("profile")
def test_scheduling_stays_within_its_budget(profile: Profiler) -> None:
    checks = {n: Check(index=n, nodeid=f"n{n}", kind="test", name=f"n{n}") for n in range(CHECKS)}
    locks = {n: (Lock(name=f"lock{n % 50}", write=n % 7 == 0),) for n in range(0, CHECKS, 3)}
    plan = Plan(checks=checks, lanes=tuple((n,) for n in range(CHECKS)), locks=locks)
    seconds = {n: 0.001 * (1 + n % 97) for n in range(CHECKS)}

    with profile("schedule", memory=False, max_calls=CHECKS * MOST_CALLS_A_CHECK):
        simulation = simulate(plan, durations=seconds, estimates=seconds, hosts=[Host(cpus=16, workers=16)])

    assert len(simulation.stops) == CHECKS
