from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.independence.claims import capacities, claim, locks
from pytest_parallel_agents.independence.resources import components
from pytest_parallel_agents.model.plan import Check, Lock
from tests.unit.independence.places import where

paths = st.lists(st.sampled_from(["a", "a.b", "b", "."]), min_size=1, max_size=4).map(
    lambda parts: "/".join(parts) + "/"
)


def check(index: int, reads: set[str] | None = None, writes: set[str] | None = None) -> Check:
    return Check(
        index=index,
        nodeid=f"n{index}",
        kind="test",
        name=f"n{index}",
        reads=frozenset(reads or ()),
        writes=frozenset(writes or ()),
    )


def locks_of(*checks: Check, declared: dict[str, int] | None = None) -> dict[int, tuple[Lock, ...]]:
    claims, faults = claim(checks, declared or {}, where)
    assert not faults
    return locks(claims)


def test_a_writer_of_a_folder_excludes_the_users_of_its_content() -> None:
    found = locks_of(check(0, writes={"src/"}), check(1, reads={"src/core/a.py"}), check(2, reads={"src2/"}))
    assert found == {0: (Lock("path:src", write=True),), 1: (Lock("path:src", write=False),)}


def test_a_resource_without_writers_needs_no_lock() -> None:
    assert locks_of(check(0, reads={"db", "src/"}), check(1, reads={"db"}), declared={"db": 1}) == {}


def test_a_reader_of_a_folder_excludes_the_writers_of_its_content_but_they_not_each_other() -> None:
    found = locks_of(check(0, reads={"src/"}), check(1, writes={"src/a"}), check(2, writes={"src/b"}))
    below = Lock("below:src", write=True)
    assert found == {0: (Lock("below:src", write=False),), 1: (below,), 2: (below,)}


def test_a_check_that_reads_a_folder_and_writes_in_it_excludes_both() -> None:
    found = locks_of(check(0, reads={"src/"}, writes={"src/a"}), check(1, writes={"src/b"}))
    assert found[0] == (Lock("below:src", write=False), Lock("below:src", write=True))


def test_what_one_check_alone_uses_needs_no_lock() -> None:
    assert locks_of(check(0, writes={"db"}), declared={"db": 1}) == {}


def test_equal_uses_share_one_tuple() -> None:
    found = locks_of(check(0, writes={"src/"}), check(1, writes={"src/"}))
    assert found[0] is found[1]


def test_every_check_with_an_undeclared_resource_is_named() -> None:
    _, faults = claim([check(0, reads={"dbb"}), check(1, writes={"dbb", "tcp:0"})], {"db": 1}, where)
    assert [str(fault).partition(" (")[0] for fault in faults] == [
        "n0.reads: resource 'dbb' is not declared",
        "n1.writes: resource 'dbb' is not declared",
        "n1.writes: resource 'tcp:0' names no port",
    ]


@given(uses=st.lists(st.tuples(st.sets(paths, max_size=2), st.sets(paths, max_size=2)), min_size=2, max_size=4))
def test_two_checks_exclude_each_other_exactly_when_one_writes_what_the_other_uses(
    uses: list[tuple[set[str], set[str]]],
) -> None:
    checks = [check(index, reads, writes) for index, (reads, writes) in enumerate(uses)]
    claims, _ = claim(checks, {}, where)
    limits = capacities(claims, {})
    held = locks(claims)
    for one, other in combinations(checks, 2):
        assert excluded(held.get(one.index, ()), held.get(other.index, ()), limits) == conflict(one, other)


def excluded(left: tuple[Lock, ...], right: tuple[Lock, ...], limits: dict[str, int]) -> bool:
    """Whether one writes a lock that the other reads, or both write one that only one may write."""
    for mine in left:
        for theirs in right:
            writers = mine.write + theirs.write
            if mine.name == theirs.name and (writers == 1 or writers > limits.get(mine.name, 1)):
                return True
    return False


def conflict(one: Check, other: Check) -> bool:
    return any(
        overlap(components(left), components(right))
        for writes, uses in ((one.writes, other.reads | other.writes), (other.writes, one.reads | one.writes))
        for left in writes
        for right in uses
    )


def overlap(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return left[: len(right)] == right or right[: len(left)] == left
