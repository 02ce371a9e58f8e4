from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scale.kept import Kept
from benchmarks.scale.page import page
from benchmarks.scale.simulated import Case, run_case

SEED = 3


@pytest.mark.parametrize(
    "case",
    [
        Case(workers=100, checks=2_000, latency=0.01, median=0.05, service=50e-6, losses=100.0),
        Case(workers=20, checks=1_000, latency=0.0, median=0.05, controllers=2),
    ],
)
def test_every_check_runs_however_many_workers_are_lost(case: Case) -> None:
    figures = run_case(case, SEED)
    assert bool(figures.lost) is (case.losses > 1)
    assert figures.makespan >= figures.bound


def test_late_messages_cost_little_since_more_is_sent_ahead() -> None:
    near, far = (run_case(Case(workers=10, checks=3_000, latency=latency, median=0.05), SEED) for latency in (0.0, 0.1))
    assert far.makespan < near.makespan * 1.25
    assert far.messages < near.messages


def test_a_controller_that_is_too_slow_decides_how_long_a_run_takes() -> None:
    case = Case(workers=100, checks=2_000, latency=0.001, median=0.005, service=1e-3)
    figures = run_case(case, SEED)
    assert figures.makespan == pytest.approx(case.checks * case.service, rel=0.3)


def test_the_page_has_a_row_for_each_case() -> None:
    case = Case(workers=10, checks=300, latency=0.01, median=0.05, service=50e-6)
    found = [(case, run_case(case, SEED))]
    text = page(found, found, facts={"Python": "3"}, measured=40e-6, missing=2)
    assert "Not simulated this time: 2 of the cases." in text
    assert "| 10 | 300 | 10 ms |" in text
    assert "20,000 checks a second" in text


def test_what_was_found_is_not_simulated_again(tmp_path: Path) -> None:
    case = Case(workers=10, checks=100, latency=0.01, median=0.05)
    found = Kept(tmp_path / "found").figures(case, SEED)
    again = Kept(tmp_path / "found")
    assert case in again
    assert again.figures(case, SEED + 1) == found
