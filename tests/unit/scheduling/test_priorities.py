from __future__ import annotations

import pytest

from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS
from pytest_parallel_agents.scheduling.paths import longest_paths
from pytest_parallel_agents.scheduling.priorities import assign_priorities, fill_in, from_both_ends, urgent_paths


def plan_of(
    count: int, locks: dict[int, tuple[Lock, ...]] | None = None, capacities: dict[str, int] | None = None
) -> Plan:
    checks = {
        index: Check(index=index, nodeid=f"a.py::n{index}", kind="test", name=f"n{index}") for index in range(count)
    }
    return Plan(
        checks=checks, lanes=tuple((index,) for index in checks), locks=locks or {}, capacities=capacities or {}
    )


def test_an_unknown_check_counts_as_longer_than_nine_in_ten() -> None:
    known = {index: float(index) for index in range(10)}
    assert fill_in(plan_of(11), known) == known | {10: 9.0}


def test_when_none_is_known_32_fit_a_batch() -> None:
    assert sum(fill_in(plan_of(32), {}).values()) == pytest.approx(BATCH_SECONDS)


def test_differences_below_a_batch_do_not_count() -> None:
    order = assign_priorities(longest_paths(plan_of(3), {0: 0.001, 1: 0.002, 2: 1.0}), [1, 0, 2])
    assert sorted(order, key=order.__getitem__) == [2, 1, 0]


def test_both_ends_take_turns_block_by_block() -> None:
    assert from_both_ends(plan_of(24), cpus=2) == [
        *(0, 1, 2, 21, 22, 23),
        *(3, 4, 5, 18, 19, 20),
        *(6, 7, 8, 15, 16, 17),
        *(9, 10, 11, 12, 13, 14),
    ]


def test_a_block_ends_with_its_file() -> None:
    files = "aabbbbbbbc"
    checks = {index: Check(index=index, nodeid=f"{file}::n", kind="test", name="n") for index, file in enumerate(files)}
    plan = Plan(checks=checks, lanes=tuple((index,) for index in checks))
    assert [files[index] for index in from_both_ends(plan, cpus=2)] == [*"aa", *"c", *"bb", *"b", *"bb", *"bb"]


def test_all_checks_have_their_place_in_the_order_from_both_ends() -> None:
    for count in range(20):
        assert sorted(from_both_ends(plan_of(count), cpus=3)) == list(range(count))


def test_writers_of_one_lock_are_as_urgent_as_all_that_follow() -> None:
    write = (Lock("db", write=True),)
    read = (Lock("db", write=False),)
    seconds = {0: 1.0, 1: 3.0, 2: 2.0, 3: 4.0}
    plan = plan_of(4, {0: write, 1: write, 2: write, 3: read})
    assert urgent_paths(plan, seconds).seconds == {0: 1.0, 1: 6.0, 2: 3.0, 3: 4.0}


def test_writers_that_may_write_at_once_share_their_time() -> None:
    write = (Lock("db", write=True),)
    plan = plan_of(4, dict.fromkeys(range(4), write), {"db": 2})
    assert urgent_paths(plan, dict.fromkeys(range(4), 1.0)).seconds == {0: 2.0, 1: 1.5, 2: 1.0, 3: 1.0}
