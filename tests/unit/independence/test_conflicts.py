"""Conflicting checks, and the line that describes each conflict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_parallel_agents.independence.conflicts import describe
from pytest_parallel_agents.independence.gate import verify
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.model.plan import Action, Check, Policy, SharedFixture, Source
from tests.unit.independence.places import where

RESOURCES = {"db": 1, "gpu": 2}


def check(
    name: str,
    *,
    index: int | None = None,
    reads: Iterable[str] = (),
    writes: Iterable[str] = (),
    after: tuple[str, ...] = (),
    fixture: str = "",
    marked: bool = True,
    together: tuple[str, ...] = (),
    stages: tuple[tuple[str, int], ...] = (),
) -> Check:
    return Check(
        index=ord(name) - ord("a") if index is None else index,
        nodeid=f"t.py::{name}",
        kind="test",
        name=name,
        reads=frozenset(reads),
        writes=frozenset(writes),
        after=after,
        fixtures=(SharedFixture(name=fixture, scope="module", key=fixture),) if fixture else (),
        marked=marked,
        together=together,
        stages=stages,
    )


def lines(*checks: Check, resources: Mapping[str, int] = RESOURCES, per_host: Iterable[str] = ()) -> list[str]:
    per_host = frozenset(per_host)
    plan = verify(checks, resources=resources, per_host=per_host, policy=Policy.SERIALIZE, known=Known(), where=where)
    return [describe(conflict) for conflict in plan.conflicts]


def pairs(*checks: Check) -> list[tuple[str, str]]:
    plan = verify(checks, resources=RESOURCES, policy=Policy.SERIALIZE, known=Known(), where=where)
    return [(conflict.left[-1], conflict.right[-1]) for conflict in plan.conflicts]


def test_a_shared_fixture() -> None:
    assert lines(check("a", fixture="app"), check("b", fixture="app")) == [
        (
            "t.py::a and t.py::b: both use the module fixture 'app'; to resolve: "
            'replicate = ["app"] if every worker may build its own, or a function scope'
        )
    ]


def test_unmarked_checks_may_share_fixtures() -> None:
    assert lines(check("a", fixture="app"), check("b", fixture="app", marked=False)) == []


def test_two_writers() -> None:
    assert lines(check("a", writes=["db"]), check("b", writes=["db"])) == [
        (
            "t.py::a and t.py::b: both write 'db'; to resolve: db = 2 under [tool.pytest-parallel-agents.resources] "
            "if two may write it at once, or drop 'db' from the writes of 'b'"
        )
    ]


def test_two_writers_of_what_each_host_has() -> None:
    writers = check("a", writes=["db"]), check("b", writes=["db"])
    drop = "drop 'db' from the writes of 'b'"
    shared = 'db = { capacity = 2, scope = "host" } under [tool.pytest-parallel-agents.resources]'
    start = "t.py::a and t.py::b: both write 'db'; to resolve:"
    assert lines(*writers, per_host=["db"]) == [f"{start} {shared} if two may write it at once on a host, or {drop}"]
    assert lines(*writers, per_host=["db"], resources={"db": 0}) == [f"{start} {drop}"]


def test_a_writer_and_a_reader() -> None:
    assert lines(check("a", writes=["src/"]), check("b", reads=["src/"])) == [
        "t.py::a and t.py::b: 'a' writes and 'b' reads 'src/'; to resolve: drop 'src/' from the writes of 'a'"
    ]


def test_a_path_within_another() -> None:
    assert lines(check("a", reads=["src/core/a.py"]), check("b", writes=["src/"])) == [
        (
            "t.py::a and t.py::b: 'a' reads 'src/core/a.py' and 'b' writes 'src/'; to resolve: "
            "drop 'src/' from the writes of 'b'"
        )
    ]


def test_users_of_a_folder_are_reported_once_though_they_share_several_locks() -> None:
    checks = check("a", writes=["src/"]), check("b", writes=["src/"]), check("c", reads=["src/x"])
    assert pairs(*checks) == [("a", "b"), ("a", "c")]


def test_as_many_writers_as_the_capacity_allows_do_not_conflict() -> None:
    assert pairs(check("a", writes=["gpu"]), check("b", writes=["gpu"]), check("c", reads=["gpu"])) == [
        ("a", "c"),
        ("b", "c"),
    ]


def test_each_check_is_reported_with_the_earliest_it_conflicts_with() -> None:
    readers = [check(name, reads=["db"]) for name in "bc"]
    assert pairs(*readers, check("d", writes=["db"]), check("e", writes=["db"])) == [("b", "d"), ("c", "d"), ("b", "e")]


def test_each_shared_thing_is_reported() -> None:
    checks = check("a", writes=["db", "src/"]), check("b", writes=["db"], reads=["src/"])
    assert pairs(*checks) == [("a", "b"), ("a", "b")]


def test_after() -> None:
    assert lines(check("a"), check("b", after=("a",))) == [
        "t.py::a and t.py::b: 'b' must run after 'a'; to resolve: drop after='a' from 'b'"
    ]


def test_marks_of_other_plugins() -> None:
    checks = [check(name, together=("dependency:module t.py",)) for name in "abc"]
    assert lines(*checks) == [
        (
            "t.py::a and t.py::b: the dependency mark orders both (module t.py); to resolve: "
            "drop the dependency mark from one of them"
        ),
        (
            "t.py::a and t.py::c: the dependency mark orders both (module t.py); to resolve: "
            "drop the dependency mark from one of them"
        ),
    ]


def test_the_first_and_the_last_are_reported_once_each() -> None:
    def staged(name: str, stage: int) -> Check:
        return check(name, stages=(("order:session", stage),))

    checks = staged("a", 0), staged("b", 0), staged("c", 1), staged("d", -1)
    assert pairs(*checks) == [("a", "c"), ("a", "d")]
    assert pairs(staged("a", 1), staged("b", -1)) == [("a", "b")]
    assert pairs(staged("a", 1), staged("b", 1)) == []


def test_policy_and_source() -> None:
    checks = check("a", writes=["db"]), check("b", writes=["db"], after=("a",))
    plan = verify(checks, resources=RESOURCES, policy=Policy.STRICT, known=Known(), where=where)
    assert [conflict.source for conflict in plan.conflicts] == [Source.RESOURCE, Source.ORDER]
    assert {conflict.action for conflict in plan.conflicts} == {Action.REFUSED}
    plan = verify(checks, resources=RESOURCES, policy=Policy.SERIALIZE, known=Known(), where=where)
    assert {conflict.action for conflict in plan.conflicts} == {Action.SERIALIZED}
