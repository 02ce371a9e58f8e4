"""How long the second pass may take."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.controller.afterwards.allowance import allowed


@pytest.mark.parametrize(
    ("first_pass", "files", "failed", "seconds"),
    [
        (0.2, 0.1, 0.0, 1.0),
        (2.0, 0.1, 0.0, 2.0),
        (60.0, 0.1, 0.0, 3.0),
        (60.0, 20.0, 0.0, 36.0),
        (60.0, 50.0, 0.0, 60.0),
        (0.5, 0.5, 100.0, 11.0),
        (600.0, 200.0, 100.0, 360.0),
    ],
)
def test_it_grows_with_what_the_tests_took(first_pass: float, files: float, failed: float, seconds: float) -> None:
    assert allowed(first_pass, files, failed) == seconds


def test_failed_tests_have_the_time_that_their_measurement_takes() -> None:
    assert allowed(0.5, 0.5, 0.5) >= 1.0 + 3 * 0.5
