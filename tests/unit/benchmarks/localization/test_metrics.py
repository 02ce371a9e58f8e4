from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.localization.metrics import expected_both_first, expected_hit, ranking

RANKINGS = st.lists(st.integers(0, 3), min_size=1, max_size=6)
"""Scores by place."""


def orders(scores: list[int]) -> list[tuple[int, ...]]:
    """All orders of the places that the scores allow."""
    by_score = [[place for place, each in enumerate(scores) if each == score] for score in range(3, -1, -1)]
    return [
        tuple(itertools.chain(*parts)) for parts in itertools.product(*(itertools.permutations(g) for g in by_score))
    ]


@given(RANKINGS, st.sets(st.integers(0, 5)), st.integers(1, 6))
def test_hits_are_the_mean_over_all_orders_of_ties(scores: list[int], faulty: set[int], k: int) -> None:
    all_orders = orders(scores)
    hits = sum(bool(faulty & set(order[:k])) for order in all_orders) / len(all_orders)
    ranked = ranking({place: float(score) for place, score in enumerate(scores)})
    assert expected_hit(ranked, faulty.__contains__, k) == pytest.approx(hits)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=6))
def test_two_first_places_are_counted_over_all_orders_of_ties(scores: list[int]) -> None:
    all_orders = orders(scores)
    both = sum(set(order[:2]) == {0, 1} for order in all_orders) / len(all_orders)
    ranked = ranking({place: float(score) for place, score in enumerate(scores)})
    assert expected_both_first(ranked, 0, 1) == pytest.approx(both)


def test_candidates_without_a_score_come_last_together_with_those_of_zero() -> None:
    assert ranking({"a": 1.0, "b": 0.0}, candidates="abc") == [["a"], ["b", "c"]]


def test_sums_that_differ_by_rounding_are_ties() -> None:
    assert ranking({"a": 0.1 + 0.2, "b": 0.3}) == [["a", "b"]]


def test_nothing_ranked_hits_nothing() -> None:
    assert expected_hit([], bool, 1) == 0
    assert expected_both_first([], 0, 1) == 0
