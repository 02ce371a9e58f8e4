from __future__ import annotations

import math
from statistics import StatisticsError

import pytest

from benchmarks.figures import Comparison, Spread, better, geometric_means, linearithmic_growth, ratios, spread


def test_a_spread_is_the_median_between_least_and_most() -> None:
    assert spread([3.0, 1.0, 2.5]) == Spread(median=2.5, least=1.0, most=3.0)


def test_no_rounds_have_no_spread() -> None:
    with pytest.raises(StatisticsError):
        spread([])


def test_ratios_are_taken_within_a_round() -> None:
    assert ratios([1.0, 4.0], [2.0, 16.0]) == (0.5, 0.25)


def test_a_round_that_one_side_lacks_is_no_round() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_the_better_competitor_is_chosen_in_every_round() -> None:
    assert better([1.0, 5.0], [2.0, 3.0]) == (1.0, 3.0)


def test_geometric_means_are_of_rounds() -> None:
    assert geometric_means([[0.5, 1.0], [2.0, 4.0]]) == pytest.approx((1.0, 2.0))


def test_growth_of_n_log_n() -> None:
    assert linearithmic_growth(10, 100) == pytest.approx(20.0)
    assert linearithmic_growth(2, 8) == pytest.approx(8 * math.log(8) / (2 * math.log(2)))


@pytest.mark.parametrize(("at_most", "met"), [(0.5, True), (0.49, False), (None, None)])
def test_the_median_decides(at_most: float | None, *, met: bool | None) -> None:
    comparison = Comparison(suite="s", ours="a", against="b", what="wall", values=(0.4, 0.5, 9.0), at_most=at_most)
    assert comparison.met is met
