from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_parallel_agents.model.plan import Check, Plan
from pytest_parallel_agents.scheduling.stretches import Seam, Stretches, find_stretches, stretch_lanes


def plan_of(nodeids: Sequence[str], *lanes: tuple[int, ...], marked: Sequence[int] = ()) -> Plan:
    """Single checks where no lane is given."""
    checks = {
        index: Check(index=index, nodeid=nodeid, kind="test", name=nodeid, marked=index in marked)
        for index, nodeid in enumerate(nodeids)
    }
    single = tuple((index,) for index in checks if not any(index in lane for lane in lanes))
    return Plan(checks=checks, lanes=(*lanes, *single))


def found(plan: Plan, *, cpus: int = 1) -> Stretches:
    return find_stretches(plan, set(plan.checks), dict.fromkeys(plan.checks, 1.0), cpus=cpus)


def test_the_checks_of_a_file_are_neighbours() -> None:
    assert found(plan_of(["a::x", "a::y", "b::x"])).files == [[(0,), (1,)], [(2,)]]


def test_a_file_that_is_collected_in_two_pieces_is_two() -> None:
    assert found(plan_of(["a::x", "b::x", "a::y"])).files == [[(0,)], [(1,)], [(2,)]]


def test_what_is_marked_or_waits_or_is_waited_for_is_no_neighbour() -> None:
    plan = plan_of(["a::v", "a::w", "a::x", "a::y", "a::z"], marked=[1])
    ordered = Plan(checks=plan.checks, lanes=plan.lanes, predecessors={3: (2,)})
    assert found(ordered).files == [[(0,), (4,)]]
    assert found(ordered).lanes == [(1,), (2,), (3,)]


def test_a_lane_across_files_or_in_another_order_is_no_part() -> None:
    assert found(plan_of(["a::x", "b::x", "b::y"], (0, 1))).lanes == [(0, 1)]
    assert found(plan_of(["a::x", "a::y"], (1, 0))).lanes == [(1, 0)]


def test_what_stands_between_the_checks_of_a_lane_belongs_to_its_part() -> None:
    plan = plan_of([f"a::{index}" for index in range(8)], (1, 4), (3, 5))
    assert found(plan).files == [[(0,), (1, 2, 3, 4, 5), (6,), (7,)]]


def test_not_if_that_would_be_more_than_each_cpu_has_to_do() -> None:
    plan = plan_of([f"a::{index}" for index in range(8)], (1, 5))
    assert found(plan, cpus=2).files == [[(0,), (1, 5), (2,), (3,), (4,), (6,), (7,)]]


def test_seams_of_files_classes_and_parts() -> None:
    plan = plan_of(["a::x", "a::y[p::q]", "a::A::x", "a::A::y", "a::B::x", "a::z", "b::x"], (2, 3))
    assert found(plan).seams == {
        0: Seam.FILE,
        1: Seam.PART,
        2: Seam.CLASS,
        4: Seam.CLASS,
        5: Seam.CLASS,
        6: Seam.FILE,
    }


@pytest.mark.parametrize(
    ("share", "expected"),
    [(100.0, [(0, 1, 2, 3, 4, 5)]), (6.0, [(0, 1, 2, 3), (4, 5)]), (0.0, [(0, 1, 2, 3), (4,), (5,)])],
)
def test_long_files_are_stretches_of_their_own(share: float, expected: list[tuple[int, ...]]) -> None:
    plan = plan_of(["a::1", "a::2", "a::3", "a::4", "b::1", "c::1"])
    seconds = dict.fromkeys(plan.checks, 1.0)
    assert sorted(stretch_lanes(found(plan), seconds, share=share)) == expected
