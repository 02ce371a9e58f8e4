from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Plan
from pytest_parallel_agents.scheduling.bounds import lower_bound
from pytest_parallel_agents.scheduling.simulator import simulate


def plan_of(count: int, *, timeout: float | None = None) -> Plan:
    checks = {
        index: Check(index=index, nodeid=f"n{index}", kind="test", name=f"n{index}", timeout=timeout)
        for index in range(count)
    }
    return Plan(checks=checks, lanes=tuple((index,) for index in checks))


def test_the_textbook_case() -> None:
    seconds = {0: 10.0, 1: 15.0, 2: 8.0}
    simulation = simulate(plan_of(3), durations=seconds, estimates=seconds, hosts=[Host(cpus=3, workers=3)])
    assert simulation.makespan == 15.0
    assert simulation.starts == dict.fromkeys(range(3), 0.0)
    assert simulation.stops == seconds
    assert sorted(simulation.workers.values()) == ["gw0", "gw1", "gw2"]
    assert simulation.decisions == 7


def test_nothing_takes_no_time() -> None:
    assert simulate(plan_of(0), durations={}, estimates={}, hosts=[Host(cpus=1, workers=1)]).makespan == 0.0


def test_a_time_limit_cuts_a_check_short_and_the_others_still_run() -> None:
    simulation = simulate(
        plan_of(3, timeout=5.0), durations={0: 60.0, 1: 1.0, 2: 5.0}, estimates={}, hosts=[Host(cpus=1, workers=1)]
    )
    assert simulation.stops == {0: 5.0, 1: 6.0, 2: 11.0}
    assert simulation.workers == {0: "gw0", 1: "gw1", 2: "gw1"}


def test_nothing_waits_behind_a_check_that_turns_out_long() -> None:
    simulation = simulate(
        plan_of(100),
        durations={0: 50.0} | dict.fromkeys(range(1, 100), 0.5),
        estimates={},
        hosts=[Host(cpus=2, workers=2)],
    )
    assert simulation.makespan == 50.0


@given(
    seconds=st.lists(st.integers(min_value=1, max_value=40), min_size=1), cpus=st.integers(min_value=1, max_value=16)
)
def test_no_cpu_idles_while_a_check_waits(seconds: list[int], cpus: int) -> None:
    """A schedule without idle CPUs exceeds their share of the work by less than the longest check (Graham, 1969)."""
    durations = {index: float(each) for index, each in enumerate(seconds)}
    plan = plan_of(len(seconds))
    simulation = simulate(plan, durations=durations, estimates=durations, hosts=[Host(cpus=cpus, workers=cpus)])
    assert lower_bound(plan, durations, cpus) <= simulation.makespan
    assert simulation.makespan <= sum(seconds) / cpus + max(seconds) * (1 - 1 / cpus) + 1e-9
