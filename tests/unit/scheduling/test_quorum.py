from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.model.plan import Group
from pytest_parallel_agents.scheduling.quorum import Decision, Quorum, Ruling, rule


def group(needed: int | None, *members: int, name: str = "solvers") -> Group:
    return Group(name=name, needed=needed, members=members)


def decision(of: Group, *, met: bool, by: int, passes: int, cancelled: tuple[int, ...] = ()) -> Decision:
    return Decision(group=of, met=met, by=by, passes=passes, cancelled=cancelled)


def test_the_first_success_decides_a_group_that_waits_for_any() -> None:
    any_of = group(1, 0, 1, 2)
    quorum = Quorum([any_of])
    assert quorum.ended(1, passed=False) == []
    assert quorum.excuses(1) is None
    assert quorum.ended(2, passed=True) == [decision(any_of, met=True, by=2, passes=1, cancelled=(0,))]
    assert quorum.excuses(1) is True
    assert quorum.ended(0, passed=False) == []


def test_a_group_has_failed_as_soon_as_too_few_are_left() -> None:
    two_of = group(2, 0, 1, 2, 3)
    quorum = Quorum([two_of])
    assert quorum.ended(0, passed=False) == []
    assert quorum.ended(1, passed=False) == []
    assert quorum.ended(2, passed=False) == [decision(two_of, met=False, by=2, passes=0, cancelled=(3,))]
    assert quorum.excuses(0) is False


def test_a_group_that_waits_for_all_is_never_decided_early() -> None:
    quorum = Quorum([group(None, 0, 1)])
    assert not quorum.concerns(0)
    assert quorum.ended(0, passed=False) == []
    assert quorum.excuses(0) is False


def test_one_group_of_several_is_enough_to_pardon() -> None:
    inner, whole = group(2, 0, 1, 2), group(1, 0, 1, 2, 3, name="run")
    quorum = Quorum([inner, whole])
    assert quorum.ended(0, passed=False) == []
    assert quorum.ended(1, passed=False) == [decision(inner, met=False, by=1, passes=0, cancelled=(2,))]
    assert quorum.excuses(0) is None
    assert quorum.ended(3, passed=True) == [decision(whole, met=True, by=3, passes=1, cancelled=(2,))]
    assert quorum.excuses(0) is True


@given(outcomes=st.permutations(range(6)).flatmap(lambda order: st.tuples(st.just(order), st.sets(st.integers(0, 5)))))
def test_every_order_of_ends_gives_one_decision_at_the_first_moment_it_is_certain(
    outcomes: tuple[list[int], set[int]],
) -> None:
    order, passing = outcomes
    for needed in range(1, 7):
        quorum = Quorum([group(needed, *range(6))])
        decided = [found for check in order for found in quorum.ended(check, passed=check in passing)]
        (one,) = decided
        assert one.met == (len(passing) >= needed)
        before = order[: order.index(one.by)]
        passes = sum(check in passing for check in before)
        assert passes < needed <= passes + 6 - len(before), "it was open before"
        assert set(one.cancelled) == set(order[len(before) + 1 :])


def test_a_panel_is_decided_as_soon_as_it_is_certain() -> None:
    assert rule(2, agreeing=2, answers=2, left=1) is Ruling.FAILED
    assert rule(2, agreeing=1, answers=1, left=2) is None
    assert rule(2, agreeing=0, answers=1, left=2) is None
    assert rule(2, agreeing=0, answers=2, left=1) is Ruling.PASSED
    assert rule(2, agreeing=1, answers=2, left=1) is None
    assert rule(2, agreeing=1, answers=2, left=0) is Ruling.PASSED
    assert rule(1, agreeing=0, answers=2, left=1) is None


def test_a_panel_of_which_too_few_answer_never_passes() -> None:
    assert rule(2, agreeing=0, answers=0, left=1) is Ruling.TIE
    assert rule(2, agreeing=1, answers=1, left=0) is Ruling.TIE
    assert rule(2, agreeing=0, answers=1, left=1) is None


@given(st.integers(1, 5), st.lists(st.sampled_from(["grave", "clean", "broken"]), min_size=1, max_size=7))
def test_the_ruling_never_changes_with_what_is_left(agree: int, votes: list[str]) -> None:
    rulings = [
        rule(
            agree,
            agreeing=votes[:ended].count("grave"),
            answers=ended - votes[:ended].count("broken"),
            left=len(votes) - ended,
        )
        for ended in range(len(votes) + 1)
    ]
    decided = [ruling for ruling in rulings if ruling is not None]
    assert rulings[-1] is not None
    assert len(set(decided)) == 1
