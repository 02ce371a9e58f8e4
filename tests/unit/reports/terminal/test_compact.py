from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from pytest_parallel_agents.model.results import Alone, Failure, Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.compact import MOST_BYTES, MOST_LINES, compact_lines
from tests.unit.reports.drawn import HOSTILE, any_results
from tests.unit.reports.samples import FACTS, check, located, plan, shop_report


def failing(number: int, text: str, **parts: object) -> Report:
    results = [
        Result(
            check=check(index, f"t.py::t{index}"),
            outcome=Outcome.FAILED,
            message=text,
            failure=Failure(text=text),
            **parts,  # type: ignore[arg-type]
        )
        for index in range(number)
    ]
    return build(FACTS, None, results, Located())


@given(any_results(HOSTILE))
@settings(max_examples=50)
def test_every_line_is_printable(drawn: list[Result]) -> None:
    for line in compact_lines(build(FACTS, plan(drawn), drawn, located(drawn))):
        assert line.isprintable()


@pytest.mark.parametrize("text", ["E  " + "ü" * 9999, "E  \U0001f40d\n" * 999, "\n".join(map(str, range(999)))])
def test_it_is_bounded_and_counts_what_is_left_out(text: str) -> None:
    lines = compact_lines(failing(300, text))
    assert len(lines) <= MOST_LINES
    assert sum(len(line.encode()) + 1 for line in lines) <= MOST_BYTES
    named = sum(line.startswith("FAILED t.py::t") for line in lines)
    assert named >= 8
    assert f"{300 - named} more failures" in lines


def test_a_failure_has_at_most_twelve_lines() -> None:
    text = "\n".join(f"E  {number}" for number in range(99))
    lines = compact_lines(failing(2, text, alone=Alone(outcome=Outcome.PASSED, replay="pytest a t.py::t")))
    [first, second, *_] = [number for number, line in enumerate(lines) if line.startswith("FAILED")]
    assert second - first == 12
    assert lines[second - 2 : second] == ["   passes alone; this repeats what ran before it:", "   $ pytest a t.py::t"]


@pytest.mark.parametrize("replay", ["pytest " + "x" * 1000, "pytest 'a\nb'", "pytest 'a\x1b[2J'", "pytest '##[error]'"])
def test_a_command_is_whole_or_not_there(replay: str) -> None:
    lines = compact_lines(failing(1, "E  no", alone=Alone(outcome=Outcome.PASSED, replay=replay)))
    assert any("command" in line for line in lines if line.startswith("   "))
    assert not any("$" in line for line in lines)


def test_the_shop() -> None:
    lines = compact_lines(shop_report())
    assert lines[0] == "failed: 2 failed, 1 passed of 3 checks in 15.5 s"
    assert lines[1] == "1. src/shop/cart.py:40-42 total [test + review + profile] 1 failure"
    assert lines[2] == "   > 42 | return sum(items) / rate"
    assert any(re.match("FAILED tests/test_cart.py::test_total: ZeroDivisionError", line) for line in lines)
