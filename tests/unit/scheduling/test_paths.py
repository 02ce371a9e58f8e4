from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.model.plan import Check, Plan
from pytest_parallel_agents.scheduling.paths import Chains, Paths

Lanes = list[list[int]]


def plan(lanes: Lanes, predecessors: dict[int, tuple[int, ...]]) -> Plan:
    checks = {index: Check(index=index, nodeid=f"n{index}", kind="test", name="n") for lane in lanes for index in lane}
    return Plan(checks=checks, lanes=tuple(map(tuple, lanes)), predecessors=predecessors)


def numbered(sizes: list[int]) -> Lanes:
    numbers = iter(range(sum(sizes)))
    return [[next(numbers) for _ in range(size)] for size in sizes]


@given(sizes=st.lists(st.integers(1, 4), max_size=6), data=st.data())
def test_lanes_alone_are_as_lanes_beside_an_order_that_does_not_touch_them(
    sizes: list[int], data: st.DataObject
) -> None:
    lanes = numbered(sizes)
    seconds = {index: float(data.draw(st.integers(0, 9))) for lane in lanes for index in lane}
    least = {index: float(data.draw(st.integers(0, 30))) for lane in lanes for index in lane if index % 2}
    ordered = Chains(plan([*lanes, [98], [99]], {99: (98,)})).longest(seconds | {98: 0.0, 99: 0.0}, least)

    alone = Chains(plan(lanes, {})).longest(seconds, least)

    without = {check: value for check, value in ordered.seconds.items() if check < 98}
    assert alone == Paths(seconds=without, following={c: f for c, f in ordered.following.items() if c < 98})
