from __future__ import annotations

import pytest

from pytest_parallel_agents.tool_formats.plain_text import plain


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("\ufeff{}", "{}"),
        ("\x1b[32m{}\x1b[0m", "{}"),
        ("\x1b[2K\r{}", "\n{}"),
        ("\x1b]8;;https://host\x1b\\a\x1b]8;;\x07b", "ab"),
        ("\x1b(B\x1b7{}\x1b8", "{}"),
        ("\x1b[?25l{}", "{}"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b", "\x1b"),
    ],
)
def test_what_only_a_terminal_needs_is_left_out(written: str, text: str) -> None:
    assert plain(written) == text
