"""How long the second pass may take."""

from __future__ import annotations

import time

import pytest

from pytest_parallel_agents.controller.afterwards.allowance import Allowance, Deadline, allowed


@pytest.mark.parametrize(
    ("first_pass", "files", "failed", "seconds"),
    [
        (0.2, 0.1, 0.0, (1.0, 1.0, 1.0)),
        (2.0, 0.1, 0.0, (2.0, 2.0, 2.0)),
        (60.0, 0.1, 0.0, (3.0, 3.0, 3.0)),
        (60.0, 20.0, 0.0, (36.0, 36.0, 3.0)),
        (60.0, 50.0, 0.0, (60.0, 60.0, 3.0)),
        (0.5, 0.5, 100.0, (1.0, 31.0, 1.0)),
        (600.0, 200.0, 100.0, (360.0, 360.0, 3.0)),
    ],
)
def test_it_grows_with_what_the_tests_took(
    first_pass: float, files: float, failed: float, seconds: tuple[float, float, float]
) -> None:
    assert allowed(first_pass, files, failed) == seconds


def test_failed_tests_have_the_time_that_their_measurement_takes() -> None:
    assert allowed(0.5, 0.5, 0.5).failed >= 1.0 + 3 * 0.5


@pytest.mark.parametrize(
    ("left", "within"), [(2.0, (2.0, 2.0, 0.0)), (32.0, (3.0, 31.0, 1.0)), (99.0, (3.0, 31.0, 3.0))]
)
def test_a_limit_of_the_run_holds(left: float, within: tuple[float, float, float]) -> None:
    allowance = allowed(60.0, 0.1, 50.0).within(left)
    assert allowance == within
    assert allowance.most <= left


def test_failed_tests_have_more_time_and_passing_ones_some_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    deadline = Deadline(Allowance(3.0, 20.0, 2.0), start_seconds=5.0)
    assert deadline.at(has_failed=False) == 108.0
    now[0] = 102.0
    deadline.begin()
    assert (deadline.at(has_failed=False), deadline.left(), deadline.at(has_failed=True)) == (105.0, 3.0, 122.0)
    now[0] = 110.0
    deadline.begin()
    deadline.at(has_failed=True)
    assert (deadline.at(has_failed=False), deadline.left()) == (112.0, 2.0)
    now[0] = 121.5
    deadline.at(has_failed=True)
    assert deadline.at(has_failed=False) == 123.5
    now[0] = 130.0
    deadline.at(has_failed=True)
    assert deadline.at(has_failed=False) == 124.0
