from __future__ import annotations

import pytest

from pytest_parallel_agents.reports.terminal.progress import Running
from pytest_parallel_agents.reports.terminal.time_left import TimeLeft
from tests.unit.reports.samples import check


def running(number: int, started: float) -> Running:
    return Running(check(number, f"t.py::t{number}"), f"gw{number}", started)


def test_what_waits_is_shared_by_the_workers_that_run_something() -> None:
    left = TimeLeft({0: 10.0, 1: 10.0, 2: 4.0, 3: 6.0}, 4)

    assert left.seconds(0.0, [running(0, 0.0), running(1, 0.0)]) == 15.0
    assert left.seconds(4.0, [running(0, 0.0), running(1, 0.0)]) == 11.0


def test_the_run_lasts_as_long_as_its_longest_check() -> None:
    left = TimeLeft({0: 60.0, 1: 1.0}, 2)

    assert left.seconds(0.0, [running(0, 0.0), running(1, 0.0)]) == 60.0


def test_unknown_checks_take_as_long_as_those_that_are_over() -> None:
    left = TimeLeft({}, 5)
    assert left.seconds(0.0, [running(0, 0.0)]) is None

    left.finished(0, 2.0)
    assert left.seconds(2.0, [running(1, 2.0)]) == 8.0
    left.finished(1, 4.0)
    assert left.seconds(6.0, [running(2, 6.0)]) == 9.0


def test_a_check_that_exceeds_its_estimate_ends_at_no_known_time() -> None:
    left = TimeLeft({0: 5.0}, 1)

    assert left.seconds(4.0, [running(0, 0.0)]) == 1.0
    assert left.seconds(4.8, [running(0, 0.0)]) is None
    assert left.seconds(50.0, [running(0, 0.0)]) is None


@pytest.mark.parametrize("total", [0, 1])
def test_nothing_is_known_when_nothing_runs(total: int) -> None:
    assert TimeLeft({}, total).seconds(1.0, []) is None
