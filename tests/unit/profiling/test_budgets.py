from __future__ import annotations

import pytest

from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.profiling.budgets import Budgets

SPOTS = (
    HotSpot(path="src/a.py", line=3, function="slow", calls=2, self_seconds=0.75, cumulative_seconds=1.25),
    HotSpot(path="src/b.py", line=14, function="Tree.busy", calls=1500, self_seconds=0.5, cumulative_seconds=0.5),
)


def measured(peak: int | None = 1_000_000, spots: tuple[HotSpot, ...] = SPOTS) -> Measurement:
    return Measurement(name="parse", calls=1502, cpu_seconds=1.2, wall_seconds=1.5, peak_bytes=peak, hot_spots=spots)


@pytest.mark.parametrize(
    "budgets",
    [Budgets(), Budgets(max_calls=1502, max_peak=1_000_000, max_seconds=1.5), Budgets(max_calls=10**9)],
)
def test_what_stays_in_its_budget_is_no_complaint(budgets: Budgets) -> None:
    assert budgets.complaint(measured()) == ""


def test_too_many_calls_name_figure_budget_and_what_is_called_most() -> None:
    assert Budgets(max_calls=1001).complaint(measured()).splitlines() == [
        "parse: calls 1,502, budget 1,001, 50% over",
        "hottest functions, by calls:",
        "  src/b.py:14 Tree.busy  1,500 calls, 0.500 s self, 0.500 s cumulative",
        "  src/a.py:3 slow        2 calls, 0.750 s self, 1.250 s cumulative",
    ]


def test_all_exceeded_budgets_are_reported_at_once() -> None:
    lines = Budgets(max_calls=2000, max_peak=800_000, max_seconds=0.5).complaint(measured()).splitlines()
    assert lines[:3] == [
        "parse: peak bytes 1,000,000, budget 800,000, 25% over",
        "parse: wall seconds 1.500, budget 0.500, 200% over",
        "hottest functions, by self time:",
    ]
    assert "slow" in lines[3]


def test_a_budget_of_nothing() -> None:
    assert Budgets(max_calls=0).complaint(measured(spots=())) == "parse: calls 1,502, budget 0"


def test_what_was_not_measured_exceeds_nothing() -> None:
    assert Budgets(max_peak=1).complaint(measured(peak=None)) == ""


@pytest.mark.parametrize("budget", [{"max_calls": -1}, {"max_peak": -1}, {"max_seconds": float("nan")}])
def test_a_budget_below_nothing_is_refused(budget: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"max_\w+ is .*: give a number of at least 0"):
        Budgets(**budget)  # type: ignore[arg-type]
