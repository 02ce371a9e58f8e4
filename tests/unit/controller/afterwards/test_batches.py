from __future__ import annotations

from collections.abc import Collection, Mapping

from pytest_parallel_agents.controller.afterwards.batches import Batches
from pytest_parallel_agents.model.plan import Check, Lock, Plan
from pytest_parallel_agents.model.results import Attempt, Outcome, Result


def check(index: int, file: str, *, alone: bool = False) -> Check:
    return Check(index=index, nodeid=f"{file}::t{index}", kind="test", name=f"t{index}", alone=alone)


def batches(checks: list[Check], seconds: Mapping[int, float], failed: Collection[int] = (), **plan: object) -> Batches:
    results = {
        each.index: Result(
            check=each,
            outcome=Outcome.FAILED if each.index in failed else Outcome.PASSED,
            attempts=(
                Attempt(outcome=Outcome.PASSED, worker=f"gw{each.index}", start=1, stop=1 + seconds.get(each.index, 1)),
            ),
        )
        for each in checks
    }
    lanes = tuple((each.index,) for each in checks)
    return Batches(Plan(**{"checks": {each.index: each for each in checks}, "lanes": lanes, **plan}), results)  # type: ignore[arg-type]


def test_batches_take_about_equal_time_and_files_stay_together() -> None:
    checks = [check(0, "a"), check(1, "b"), check(2, "a"), check(3, "b"), check(4, "c")]
    made = batches(checks, {4: 2.0}).of([3, 0, 2, 1, 4], parts=3, each=0.0, most=7.0)
    assert [batch.checks for batch in made] == [(1, 3), (0, 2), (4,)]
    assert [(batch.like, batch.seconds) for batch in made] == [("gw1", 7.0), ("gw0", 7.0), ("gw4", 7.0)]


def test_what_runs_alone_or_shares_something_is_known_of_a_batch() -> None:
    checks = [check(0, "a"), check(1, "a", alone=True), check(2, "a"), check(3, "b")]
    made = batches(checks, {}, locks={3: (Lock("db", write=True),)}, lanes=((0, 2), (1,), (3,)))
    shown = [(each.checks, each.alone, each.locks) for each in made.of([0, 1, 2, 3], parts=2, each=0.0, most=1.0)]
    assert shown == [
        ((1,), True, frozenset()),
        ((0, 2), False, frozenset({"lane 0"})),
        ((3,), False, frozenset({"db"})),
    ]


def test_no_checks_are_no_batch() -> None:
    assert batches([], {}).of([], parts=2, each=0.1, most=1.0) == []


def test_what_takes_long_need_not_be_recorded_precisely() -> None:
    checks = [check(index, "a") for index in range(4)]
    made = batches(checks, {0: 0.1, 1: 9.0, 2: 0.1, 3: 9.0}, failed={2, 3})
    assert made.alike([0, 1, 2, 3]) == [[2], [0, 1, 3]]
    shown = [made.one([index], 1.0) for index in range(4)]
    assert [(each.passing, each.quick) for each in shown] == [(True, True), (True, True), (False, False), (False, True)]
    assert not made.one([0, 2], 1.0).quick
