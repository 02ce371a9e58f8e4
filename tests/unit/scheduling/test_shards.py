from __future__ import annotations

import math
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pytest_parallel_agents.model.plan import Check, Group, Lock, Plan
from pytest_parallel_agents.scheduling.shards import GOOD_ENOUGH, Division, divide

WRITE = (Lock("db", write=True),)
READ = (Lock("db", write=False),)


def plan(count: int, *, files: int = 1, lanes: tuple[tuple[int, ...], ...] = ()) -> Plan:
    paths = [f"test_{index * files // max(count, 1)}.py" for index in range(count)]
    checks = {
        index: Check(index=index, nodeid=f"{path}::test_{index:03}", kind="test", name=str(index))
        for index, path in enumerate(paths)
    }
    in_lanes = {index for lane in lanes for index in lane}
    return Plan(checks=checks, lanes=(*lanes, *((index,) for index in range(count) if index not in in_lanes)))


def equal(count: int) -> dict[int, float]:
    return dict.fromkeys(range(count), 1.0)


def shard_of(division: Division, check: int) -> int:
    return next(number for number, shard in enumerate(division.shards) if check in shard)


def test_files_stay_whole_where_that_is_good_enough() -> None:
    division = divide(plan(40, files=4), (), equal(40), 2)

    assert division.shards == ((*range(10), *range(20, 30)), (*range(10, 20), *range(30, 40)))


def test_a_long_file_is_split() -> None:
    division = divide(plan(40), (), equal(40), 4)

    assert [len(shard) for shard in division.shards] == [10, 10, 10, 10]


def test_what_belongs_together_is_in_one_shard() -> None:
    lanes, locks, before = ((0, 9), (1,)), {2: WRITE, 8: READ}, {3: (7,)}
    group = Group(name="reviewers", needed=1, members=(4, 6))

    ten = replace(plan(10, lanes=lanes), locks=locks, predecessors=before)

    division = divide(ten, [group], equal(10), 4)

    for one, other in ((0, 9), (2, 8), (3, 7), (4, 6)):
        assert shard_of(division, one) == shard_of(division, other)


def test_readers_alone_may_be_apart() -> None:
    division = divide(replace(plan(2), locks=dict.fromkeys(range(2), READ)), (), equal(2), 2)

    assert division.shards == ((0,), (1,))


def test_there_may_be_more_shards_than_checks() -> None:
    assert divide(plan(1), (), equal(1), 3).shards == ((0,), (), ())
    assert divide(plan(0), (), {}, 2).shards == ((), ())


def test_the_digest_is_that_of_what_is_in_which_shard() -> None:
    some, more = plan(8), plan(9)

    assert divide(some, (), equal(8), 2).digest == divide(some, (), equal(8), 2).digest
    assert divide(some, (), equal(8), 2).digest != divide(some, (), equal(8), 4).digest
    assert divide(some, (), equal(8), 2).digest != divide(more, (), equal(9), 2).digest


@given(st.randoms(), st.lists(st.floats(0.01, 1), min_size=1, max_size=60), st.integers(1, 5), st.integers(1, 9))
def test_the_order_of_collection_does_not_count(random: Random, seconds: list[float], count: int, files: int) -> None:
    number = len(seconds)
    some = plan(number, files=files)
    order = random.sample(range(number), number)
    shuffled = replace(some, checks={place: some.checks[index] for place, index in enumerate(order)})

    one = divide(some, (), dict(enumerate(seconds)), count)
    other = divide(shuffled, (), {place: seconds[index] for place, index in enumerate(order)}, count)

    assert one.digest == other.digest
    assert [sorted(order[place] for place in shard) for shard in other.shards] == list(map(list, one.shards))


@given(
    st.lists(st.floats(0.001, 10), max_size=60),
    st.integers(1, 7),
    st.integers(1, 9),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=8),
)
def test_every_check_is_in_one_shard(
    seconds: list[float], files: int, count: int, pairs: list[tuple[int, int]]
) -> None:
    number = len(seconds)
    groups = [
        Group(name=str(place), needed=None, members=(one, other))
        for place, (one, other) in enumerate(pairs)
        if one < number and other < number
    ]
    durations = dict(enumerate(seconds))

    division = divide(plan(number, files=files), groups, durations, count)

    assert len(division.shards) == count
    assert sorted(index for shard in division.shards for index in shard) == list(range(number))
    for group in groups:
        assert len({shard_of(division, member) for member in group.members}) == 1


@given(st.lists(st.floats(0.01, 1), min_size=100, max_size=300), st.integers(2, 5), st.integers(1, 9))
def test_many_single_checks_are_balanced(seconds: list[float], count: int, files: int) -> None:
    division = divide(plan(len(seconds), files=files), (), dict(enumerate(seconds)), count)

    times = [math.fsum(seconds[index] for index in shard) for shard in division.shards]
    assert max(times) <= max(GOOD_ENOUGH * sum(times) / count, sum(times) / count + max(seconds))
