from __future__ import annotations

from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.terminal.text import wrap, write_hanging
from tests.unit.reports.samples import terminal


def test_wrapped_text_has_a_bounded_number_of_lines() -> None:
    assert wrap("one two three four five six", 9) == ["one two", "three", "four ..."]
    assert wrap("", 9) == [""]


def test_a_word_without_end_is_cut() -> None:
    lines = wrap("x" * 10_000_000, 80)

    assert sum(map(len, lines)) < 1100
    assert lines[-1] == "... 9,999,000 characters left out"


def test_ids_are_never_broken() -> None:
    assert wrap("see tests/test_a-b.py::test_c", 10) == ["see", "tests/test_a-b.py::test_c"]


def test_a_hanging_text_keeps_its_column() -> None:
    writer, text = terminal(40)

    write_hanging(writer, "label  ", "the quick brown fox jumps over the lazy dog")

    assert text.getvalue() == "label  the quick brown fox jumps over\n       the lazy dog\n"


def test_seconds_and_counts_read_well() -> None:
    assert [seconds(value) for value in (0.0, 0.0421, 1.25, 33)] == ["0.000 s", "0.042 s", "1.2 s", "33.0 s"]
    assert [counted(number, "lane") for number in (0, 1, 2)] == ["0 lanes", "1 lane", "2 lanes"]


def test_a_word_that_is_wider_than_its_column_stands_below_the_label() -> None:
    writer, text = terminal(40)
    write_hanging(writer, "       profile  ", "test_a_busy_day_stays_in_budget failed")
    assert text.getvalue() == "       profile\n    test_a_busy_day_stays_in_budget\n    failed\n"
