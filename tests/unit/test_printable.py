from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.printable import escape, escape_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\rb\nc", "a\\rb\\nc"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udcff", "\\udcff"),
        ("::error file=a.py::forged", "\\x3a:error file=a.py::forged"),
        ("  ::Add-Mask::passed", "  \\x3a:Add-Mask::passed"),
        ("wrapped ::debug::here", "wrapped \\x3a:debug::here"),
        ("##[error]x ##vso[task]", "\\x23#[error]x \\x23#vso[task]"),
        ("a.py::error crate::error::Error ::std::error ## [x]", "a.py::error crate::error::Error ::std::error ## [x]"),
    ],
)
def test_what_a_terminal_would_act_on_is_shown(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(st.text())
def test_escaped_text_is_always_printable(text: str) -> None:
    assert escape(text).isprintable()


@given(st.text())
def test_lines_stay_lines_and_tabs_tabs(text: str) -> None:
    shown = escape_lines(text)

    assert shown.count("\n") == text.count("\n")
    assert shown.replace("\n", "").replace("\t", "").isprintable()


def test_only_the_first_line_begins_a_line() -> None:
    assert escape_lines("a\n===\r= b\n", indent="  ") == "a\n  ===\\r= b\n  "
