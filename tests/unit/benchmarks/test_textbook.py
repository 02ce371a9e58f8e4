from __future__ import annotations

import pytest

from benchmarks.textbook import Timing, describe, in_range


def timings(*pairs: tuple[float, float]) -> list[Timing]:
    return [Timing(speedup=speedup, start_skew=skew) for speedup, skew in pairs]


@pytest.mark.parametrize(
    ("speedup", "skew", "good"), [(2.2, 0.01, True), (2.05, 0.01, False), (2.35, 0.01, False), (2.2, 0.05, False)]
)
def test_both_medians_must_be_in_range(speedup: float, skew: float, *, good: bool) -> None:
    assert in_range(timings((speedup, skew)), 0.05) is good


def test_a_single_odd_round_does_not_count() -> None:
    assert in_range(timings((2.2, 0.01), (1.5, 0.4), (2.19, 0.02)), 0.05)


def test_medians_are_told_with_their_spread() -> None:
    assert describe(timings((2.2, 0.01), (1.5, 0.4), (2.19, 0.02)), 0.05) == (
        "speedup 2.19 (1.50 to 2.20; expected 2.2 ± 0.1), start skew 20 ms (10 to 400; expected below 50)"
    )
