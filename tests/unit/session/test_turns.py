from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.session.turns import Turns


def simulated(sizes: Sequence[int], execution: float) -> tuple[float, int]:
    """Seconds until all modules are imported, and how many were compiled twice. A byte takes a second to compile, and
    `execution` seconds to execute.
    """
    turns = Turns(sizes)
    ready: dict[int, float] = {}
    now = fork = 0.0
    twice = 0
    for module, size in enumerate(sizes):
        while fork <= now and (taken := turns.next()) is not None:
            fork += sizes[taken]
            ready[taken] = fork
        turns.reached(module)
        if ready.get(module, now + 1) > now:
            twice += module in ready
            now += size
        now += size * execution
    return now, twice


def test_the_next_is_ready_when_it_is_reached() -> None:
    turns = Turns([4, 2, 3, 9, 1])

    assert turns.next() == 1
    turns.reached(0)
    assert turns.next() == 4  # before it are 12 bytes, and before the others less than they have
    turns.reached(1)
    turns.reached(2)
    assert turns.next() == 3
    assert turns.next() is None


def test_what_was_passed_comes_last() -> None:
    turns = Turns([1, 1, 1])
    turns.reached(2)
    turns.reached(2)

    assert [turns.next(), turns.next(), turns.next()] == [1, 0, None]


@pytest.mark.parametrize(("execution", "most"), [(0.0, 0.55), (0.35, 0.52), (1.0, 0.55), (3.0, 0.77)])
def test_both_are_busy_to_the_end(execution: float, most: float) -> None:
    sizes = [10] * 100

    seconds, twice = simulated(sizes, execution)

    assert seconds <= most * sum(sizes) * (1 + execution)
    assert twice <= 2


@given(st.lists(st.integers(0, 50), max_size=30), st.lists(st.integers(0, 29)))
def test_each_module_has_one_turn_at_most(sizes: list[int], reached: list[int]) -> None:
    turns = Turns(sizes)
    before = [module for module in reached if module < len(sizes)]
    for module in before:
        turns.reached(module)

    given_out = list(iter(turns.next, None))

    assert sorted(given_out) == sorted(set(range(len(sizes))) - set(before))
