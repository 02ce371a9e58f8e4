"""From checks to a plan: lanes, order, and every fault at once."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_parallel_agents.errors import UsageFaults
from pytest_parallel_agents.independence.gate import verify
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.model.plan import Check, Plan, Policy, SharedFixture
from tests.unit.independence.places import where


def check(
    index: int,
    *,
    name: str = "",
    kind: str = "test",
    after: tuple[str, ...] = (),
    fixtures: Iterable[str] = (),
    replicable: Iterable[str] = (),
    together: tuple[str, ...] = (),
    stages: tuple[tuple[str, int], ...] = (),
    reads: Iterable[str] = (),
) -> Check:
    name = name or f"n{index}"
    shared = [(key, False) for key in fixtures] + [(key, True) for key in replicable]
    return Check(
        index=index,
        nodeid=f"t.py::{name}",
        kind=kind,
        name=name,
        after=after,
        together=together,
        stages=stages,
        reads=frozenset(reads),
        fixtures=tuple(SharedFixture(name=key, scope="module", key=key, replicable=copy) for key, copy in shared),
    )


def plan_of(*checks: Check, known: Known | None = None) -> Plan:
    return verify(checks, resources={"db": 1}, policy=Policy.SERIALIZE, known=known or Known(), where=where)


def faults_of(*checks: Check, known: Known | None = None) -> list[str]:
    with pytest.raises(UsageFaults) as raised:
        plan_of(*checks, known=known)
    return [str(fault) for fault in raised.value.faults]


def test_independent_checks_have_lanes_of_their_own() -> None:
    plan = plan_of(check(0), check(1))
    assert plan.lanes == ((0,), (1,))
    assert not plan.predecessors


def test_checks_that_share_a_fixture_form_a_lane_link_by_link() -> None:
    plan = plan_of(check(0, fixtures="a"), check(1), check(2, fixtures="ab"), check(3, fixtures="b"))
    assert plan.lanes == ((0, 2, 3), (1,))


def test_a_fixture_that_every_worker_may_build_joins_nothing() -> None:
    assert plan_of(check(0, replicable="a"), check(1, replicable="a")).lanes == ((0,), (1,))


def test_other_plugins_groups_form_lanes() -> None:
    plan = plan_of(check(0, together=("xdist_group:x",)), check(1), check(2, together=("xdist_group:x",)))
    assert plan.lanes == ((0, 2), (1,))
    assert not plan.conflicts


def test_an_order_within_a_lane_needs_no_predecessors() -> None:
    plan = plan_of(check(0, fixtures="a", after=("n1",)), check(1, fixtures="a"))
    assert plan.lanes == ((1, 0),)
    assert not plan.predecessors


def test_a_group_without_order_gives_way_to_after() -> None:
    group = ("xdist_group:x",)
    assert plan_of(check(0, together=group, after=("n1",)), check(1, together=group)).lanes == ((1, 0),)


def test_an_ordered_group_does_not_give_way() -> None:
    group = ("dependency:module",)
    assert faults_of(check(0, together=group, after=("n1",)), check(1, together=group)) == [
        "cycle in the order, each waits for the next: t.py::n0 -> t.py::n1 -> t.py::n0 (drop one `after` or order mark)"
    ]


@pytest.mark.parametrize(
    ("name", "predecessors"),
    [
        ("t.py::rules[a]", (0,)),
        ("rules[b]", (1,)),
        ("rules", (0, 1)),
        ("t.py::rules", (0, 1)),
        ("review", (0, 1, 2)),
    ],
)
def test_after_takes_node_ids_names_and_kinds(name: str, predecessors: tuple[int, ...]) -> None:
    plan = plan_of(
        check(0, name="rules[a]", kind="review"),
        check(1, name="rules[b]", kind="review"),
        check(2, kind="review"),
        check(3, after=(name,)),
    )
    assert plan.predecessors == {3: predecessors}


def test_a_kind_does_not_mean_the_check_itself() -> None:
    plan = plan_of(check(0), check(1, after=("test",)))
    assert plan.predecessors == {1: (0,)}


def test_checks_that_wait_for_the_same_share_one_tuple() -> None:
    plan = plan_of(check(0, kind="review"), check(1, after=("review",)), check(2, after=("review",)))
    assert plan.predecessors[1] is plan.predecessors[2]


def test_stages_follow_one_another_though_the_middle_is_empty() -> None:
    def staged(index: int, stage: int) -> Check:
        return check(index, stages=(("order:session", stage),))

    assert plan_of(staged(0, 1), staged(1, 0), staged(2, -1)).predecessors == {0: (1,), 1: (2,)}
    assert plan_of(staged(0, 1), staged(1, -1)).predecessors == {0: (1,)}


def test_a_lane_of_stages_goes_by_stage() -> None:
    last = check(0, together=("order:x",), stages=(("order:x", 1),))
    first = check(1, together=("order:x",), stages=(("order:x", -1),))
    assert plan_of(last, first).lanes == ((1, 0),)


def test_what_is_known_though_not_among_the_checks_may_be_named() -> None:
    known = Known(
        nodeids=frozenset({"t.py::gone[1]"}), names=frozenset({"gone[1]"}), kinds=frozenset({"profile"}), complete=True
    )
    names = ("t.py::gone[1]", "t.py::gone", "gone", "profile")
    assert not plan_of(check(0, after=names), known=known).predecessors


def test_when_only_a_part_was_collected_any_name_may_exist() -> None:
    assert not plan_of(check(0, after=("elsewhere",)), known=Known(complete=False)).predecessors


def test_all_faults_are_reported_at_once() -> None:
    known = Known(kinds=frozenset({"review"}))
    assert faults_of(
        check(0, after=("reviw",)),
        check(1, after=("zzzzzz",)),
        check(2, after=("n3",)),
        check(3, after=("n4",), reads=["dbb"]),
        check(4, after=("n2",)),
        check(5, after=("n5",)),
        known=known,
    ) == [
        (
            "t.py::n3.reads: resource 'dbb' is not declared (did you mean 'db'? If not, declare it under "
            "[tool.pytest-parallel-agents.resources])"
        ),
        "t.py::n0.after: 'reviw' names no check and no kind (did you mean 'review'?)",
        "t.py::n1.after: 'zzzzzz' names no check and no kind (write a node id, the name of a check, or a kind)",
        (
            "cycle in the order, each waits for the next: t.py::n2 -> t.py::n3 -> t.py::n4 -> t.py::n2 "
            "(drop one `after` or order mark)"
        ),
        "cycle in the order, each waits for the next: t.py::n5 -> t.py::n5 (drop one `after` or order mark)",
    ]


@given(random=st.builds(Random, st.integers()))
@settings(max_examples=50, deadline=None)
def test_lanes_and_predecessors_never_wait_in_a_circle(random: Random) -> None:
    ranked = random.sample(range(60), 60)
    checks = [
        check(
            index,
            fixtures=[f"f{random.randrange(20)}"],
            after=tuple(f"n{other}" for other in random.sample(range(60), 2) if ranked[other] < ranked[index]),
        )
        for index in range(60)
    ]
    plan = plan_of(*checks)
    assert sorted(index for lane in plan.lanes for index in lane) == list(range(60))
    over: set[int] = set()
    waiting = [list(lane) for lane in plan.lanes]
    while any(waiting):
        heads = [lane for lane in waiting if lane and over.issuperset(plan.predecessors.get(lane[0], ()))]
        assert heads
        over.update(lane.pop(0) for lane in heads)
