from __future__ import annotations

import pytest

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.terminal.live_area import MOST_RUNNING, LiveArea, shortened
from pytest_parallel_agents.reports.terminal.progress import Running
from tests.unit.reports.samples import check, terminal

RUNNING = (
    Running(check(1, "tests/test_orders.py::test_an_order_that_cannot_be_filled_leaves_the_stock_alone"), "gw1", 8.8),
    Running(check(0, "pyproject.toml::mypy", "review"), "gw0", 0.2),
    Running(check(2, "tests/test_pricing.py::test_rebate"), "gw2", 4.0),
    Running(check(3, "tests/test_pricing.py::test_too_short_to_be_read"), "gw3", 11.9),
)
ESTIMATES = {0: 14.2, 2: 2.0}


def area(*, markup: bool = False, total: int = 45) -> LiveArea:
    """20 checks of 0.1 s are over, two of them failed."""
    writer, _ = terminal(markup=markup)
    live = LiveArea(writer, ESTIMATES, total)
    for number in range(20):
        live.finished(10 + number, Outcome.FAILED if number < 2 else Outcome.PASSED, 0.1)
    return live


def drawn(columns: int, rows: int) -> str:
    return "\n".join(area().lines(12.0, RUNNING, columns, rows))


def test_in_a_terminal_of_80_columns() -> None:
    assert (
        drawn(80, 24)
        == """\
     12 s [    ~14 s] gw0  review  pyproject.toml::mypy
      8 s [     ~2 s] gw2  test    tests/test_pricing.py::test_rebate
      3 s [         ] gw1  test    ...t_cannot_be_filled_leaves_the_stock_alone
      44% [####-----] 20/45 checks, 2 failed, 4 running, about 2 s left"""
    )


def test_in_a_narrow_terminal() -> None:
    assert (
        drawn(40, 20)
        == """\
[  12 s] pyproject.toml::mypy
[   8 s] ...est_pricing.py::test_rebate
[   3 s] ...lled_leaves_the_stock_alone
20/45 checks, 2 failed, about 2 s left"""
    )


def test_in_a_wide_terminal() -> None:
    assert (
        drawn(200, 50)
        == """\
     12 s [    ~14 s] gw0  review  pyproject.toml::mypy
      8 s [     ~2 s] gw2  test    tests/test_pricing.py::test_rebate
      3 s [         ] gw1  test    tests/test_orders.py::test_an_order_that_cannot_be_filled_leaves_the_stock_alone
      44% [####-----] 20/45 checks, 2 failed, 4 running, about 2 s left"""
    )


@pytest.mark.parametrize(("rows", "lines"), [(2, 0), (3, 1), (6, 2), (24, 8), (100, MOST_RUNNING + 1)])
def test_it_takes_at_most_a_third_of_the_screen(rows: int, lines: int) -> None:
    many = [Running(check(number, f"t.py::t{number}"), f"gw{number}", 1.0) for number in range(30)]
    assert len(area().lines(12.0, many, 80, rows)) == lines


@pytest.mark.parametrize("columns", [1, 5, 20, 40, 79, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    for line in area().lines(1e7, RUNNING, columns, 24):
        assert len(line) < max(2, columns)


def test_control_characters_are_shown_and_wide_ones_measured() -> None:
    hostile = Running(check(0, "t.py::t[\x1b[2J\u202e]", "k\x07"), "gw0", 0.0)
    wide = Running(check(5, "測" * 60), "gw1", 0.0)
    first, second, _ = area().lines(20.0, [hostile, wide], 80, 24)
    assert r"gw0  k\x07   t.py::t[\x1b[2J\u202e]" in first
    assert second.endswith("..." + "測" * 20)
    assert shortened("測測測測", 6) == "...測"


def test_a_check_that_takes_longer_than_usual_is_yellow_and_failures_red() -> None:
    live = area(markup=True)
    usual, slow, _, progress = live.lines(12.0, RUNNING, 80, 24)
    assert usual.startswith("     12 s [")
    assert slow.startswith("\x1b[33m      8 s\x1b[0m [")
    assert progress.startswith("\x1b[31m      44% [")


def test_a_run_of_no_checks_has_a_line() -> None:
    writer, _ = terminal()
    assert LiveArea(writer, {}, 0).lines(0.0, (), 80, 24) == ["       0% [---------] 0/0 checks, 0 running"]
