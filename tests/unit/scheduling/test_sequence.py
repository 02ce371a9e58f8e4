from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.model.plan import Check, Plan
from pytest_parallel_agents.scheduling.sequence import serial_order


def plan(lanes: list[tuple[int, ...]], predecessors: dict[int, tuple[int, ...]] | None = None) -> Plan:
    checks = {
        index: Check(index=index, nodeid=f"c{index}", kind="test", name=f"c{index}") for lane in lanes for index in lane
    }
    return Plan(checks=checks, lanes=tuple(lanes), predecessors=predecessors or {})


def test_free_checks_keep_collection_order() -> None:
    assert serial_order(plan([(2,), (0,), (1,)])) == [0, 1, 2]


def test_a_lane_stays_in_one_piece() -> None:
    assert serial_order(plan([(0, 3), (1,), (2,)])) == [0, 3, 1, 2]


def test_a_predecessor_comes_first_though_it_was_collected_later() -> None:
    assert serial_order(plan([(0,), (1,), (2,)], {0: (2,)})) == [1, 2, 0]


def test_a_lane_is_interrupted_for_a_predecessor_only() -> None:
    assert serial_order(plan([(0, 2), (1,)], {2: (1,)})) == [0, 1, 2]


@given(st.integers(0, 2**32), st.integers(0, 30))
def test_every_check_comes_once_and_after_all_it_follows(seed: int, count: int) -> None:
    from random import Random

    random = Random(seed)  # noqa: S311
    indices = list(range(count))
    cuts = sorted(random.sample(range(1, count), random.randint(0, count - 1))) if count > 1 else []
    lanes = [tuple(indices[a:b]) for a, b in zip([0, *cuts], [*cuts, count], strict=True) if a < b]
    predecessors = {i: tuple(random.sample(range(i), min(i, random.randint(0, 2)))) for i in indices if i}

    order = serial_order(plan(lanes, predecessors))

    place = {check: position for position, check in enumerate(order)}
    assert sorted(order) == indices
    assert all(place[b] < place[a] for a, before in predecessors.items() for b in before)
    assert all(place[a] < place[b] for lane in lanes for a, b in pairwise(lane))
