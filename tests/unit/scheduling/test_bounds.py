from __future__ import annotations

import pytest

from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.scheduling.bounds import critical_path, lower_bound

WRITE = (Lock("db", write=True),)
READ = (Lock("db", write=False),)
SECONDS = {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}


def check(index: int, *, cpus: int = 1, alone: bool = False) -> Check:
    return Check(index=index, nodeid=f"n{index}", kind="test", name=f"n{index}", cpus=cpus, alone=alone)


FOUR = {index: check(index) for index in range(4)}
SINGLE = ((0,), (1,), (2,), (3,))


@pytest.mark.parametrize(
    ("plan", "cpus", "seconds"),
    [
        pytest.param(Plan(checks={}, lanes=()), 2, 0.0, id="nothing"),
        pytest.param(Plan(checks=FOUR, lanes=SINGLE), 2, 5.0, id="work by CPUs"),
        pytest.param(Plan(checks=FOUR, lanes=SINGLE), 8, 4.0, id="longest check"),
        pytest.param(Plan(checks=FOUR, lanes=((0, 1, 2), (3,))), 8, 6.0, id="lane"),
        pytest.param(Plan(checks=FOUR, lanes=SINGLE, predecessors={3: (1, 2)}), 8, 7.0, id="predecessors"),
        pytest.param(Plan(checks=FOUR, lanes=((0, 3), (1,), (2,)), predecessors={0: (1,)}), 8, 7.0, id="both"),
        pytest.param(Plan(checks=FOUR, lanes=SINGLE, locks=dict.fromkeys((1, 2), WRITE)), 8, 5.0, id="writers"),
        pytest.param(
            Plan(checks=FOUR, lanes=SINGLE, locks=dict.fromkeys(range(4), WRITE), capacities={"db": 2}),
            8,
            5.0,
            id="capacity",
        ),
        pytest.param(
            Plan(checks=FOUR, lanes=SINGLE, locks=dict.fromkeys(range(4), WRITE), per_host=frozenset({"db"})),
            8,
            4.0,
            id="one on each host",
        ),
        pytest.param(Plan(checks=FOUR, lanes=SINGLE, locks={1: WRITE, 2: READ, 3: READ}), 8, 6.0, id="a reader"),
        pytest.param(Plan(checks=FOUR, lanes=SINGLE, locks=dict.fromkeys(range(4), READ)), 8, 4.0, id="readers"),
        pytest.param(Plan(checks=FOUR | {1: check(1, alone=True)}, lanes=SINGLE), 8, 6.0, id="alone"),
        pytest.param(Plan(checks=FOUR | {3: check(3, cpus=2)}, lanes=SINGLE), 2, 7.0, id="wide"),
        pytest.param(Plan(checks=FOUR | {3: check(3, cpus=9)}, lanes=SINGLE), 2, 7.0, id="wider than there is"),
        pytest.param(Plan(checks=FOUR | {3: check(3, cpus=0)}, lanes=SINGLE), 1, 6.0, id="claims no CPU"),
    ],
)
def test_no_schedule_is_shorter(plan: Plan, cpus: int, seconds: float) -> None:
    assert lower_bound(plan, SECONDS, cpus) == seconds


def test_the_critical_path_runs_through_lanes_and_predecessors() -> None:
    plan = Plan(checks=FOUR, lanes=((0, 3), (1,), (2,)), predecessors={0: (1, 2)})
    assert critical_path(plan, SECONDS) == (2, 0, 3)


def test_of_equal_paths_the_first_collected_is_returned() -> None:
    plan = Plan(checks=FOUR, lanes=SINGLE)
    assert critical_path(plan, dict.fromkeys(range(4), 1.0)) == (0,)


def test_an_empty_plan_has_no_path() -> None:
    assert critical_path(Plan(checks={}, lanes=()), {}) == ()
