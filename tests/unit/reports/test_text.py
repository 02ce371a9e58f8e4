from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.reports.text import counted, escape, seconds, wrap, write_hanging

from .samples import terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\rb\nc", "a\\rb\\nc"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_would_act_on_is_shown(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(st.text())
def test_escaped_text_is_always_printable(text: str) -> None:
    assert escape(text).isprintable()


def test_wrapped_text_has_a_bounded_number_of_lines() -> None:
    assert wrap("one two three four five six", 9) == ["one two", "three", "four ..."]
    assert wrap("", 9) == [""]


def test_ids_are_never_broken() -> None:
    assert wrap("see tests/test_a-b.py::test_c", 10) == ["see", "tests/test_a-b.py::test_c"]


def test_a_hanging_text_keeps_its_column() -> None:
    writer, text = terminal(40)

    write_hanging(writer, "label  ", "the quick brown fox jumps over the lazy dog")

    assert text.getvalue() == "label  the quick brown fox jumps over\n       the lazy dog\n"


def test_seconds_and_counts_read_well() -> None:
    assert [seconds(value) for value in (0.0, 0.0421, 1.25, 33)] == ["0.000 s", "0.042 s", "1.2 s", "33.0 s"]
    assert [counted(number, "lane") for number in (0, 1, 2)] == ["0 lanes", "1 lane", "2 lanes"]
