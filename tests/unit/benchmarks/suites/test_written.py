"""The suites that are written for a benchmark do what their names say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.suites import mixed, skewed, trivial
from benchmarks.suites.simulated import draw_load


def test_sleeps_are_always_the_same_with_the_longest_last() -> None:
    seconds = skewed.sleeps(total=skewed.TOTAL_SECONDS)
    assert seconds == skewed.sleeps(total=skewed.TOTAL_SECONDS)
    assert len(seconds) == skewed.TESTS
    assert sum(seconds) == pytest.approx(skewed.TOTAL_SECONDS, abs=0.01)
    assert seconds[-1] == max(seconds)
    assert seconds[-1] < skewed.TOTAL_SECONDS / 4  # or no schedule on four workers could be good


@pytest.mark.slow
def test_empty_tests_are_collected(tmp_path: Path) -> None:
    trivial.write(tmp_path, files=2, tests_per_file=3)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "6 passed" in run.stdout


@pytest.mark.slow
def test_copies_of_the_shop_are_separate_packages(tmp_path: Path) -> None:
    mixed.write(tmp_path, 2)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "4 failed, 80 passed" in run.stdout
    assert "shop_00" in run.stdout
    assert "shop_01" in run.stdout


def test_a_load_is_always_the_same_and_has_no_circle() -> None:
    load = draw_load(1_000, seed=1)
    assert load == draw_load(1_000, seed=1)
    assert sorted(index for lane in load.plan.lanes for index in lane) == list(range(1_000))
    assert all(before < index for index, earlier in load.plan.predecessors.items() for before in earlier)
    assert load.plan.locks
    assert load.plan.predecessors


def test_estimates_are_wrong_by_the_factor_at_most() -> None:
    load = draw_load(1_000, seed=2)
    errors = [load.estimates[index] / seconds for index, seconds in load.durations.items()]
    assert 0.2 <= min(errors) < 0.25
    assert 4.0 < max(errors) <= 5.0
