from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.reports.terminal.bounded_file import MOST_LAST, BoundedFile, Room

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=700) | st.sampled_from(["\n", "\x1b[31m", "x" * 5000])


def bounded(lines: int = 5, size: int = 1000) -> tuple[BoundedFile, io.StringIO, Room]:
    text = io.StringIO()
    return BoundedFile(text), text, Room(lines=lines, size=size)


@given(st.lists(ANY, max_size=30), st.integers(0, 9), st.integers(0, 2000))
def test_no_more_than_is_allowed_and_the_last_lines(texts: list[str], lines: int, size: int) -> None:
    file, text, room = bounded(lines, size)
    file.use(room)
    for each in texts:
        assert file.write(each) == len(each)
    file.finish(room, "remedy")
    shown = text.getvalue()
    assert shown.count("\n") <= lines + 1 + MOST_LAST
    assert len(shown.encode()) <= size + 50 + MOST_LAST * 251
    assert shown.replace("\n", "").replace("\t", "").isprintable()


def test_what_is_left_out_stands_before_the_last_lines() -> None:
    file, text, room = bounded(lines=2)
    file.use(room)
    file.write("".join(f"line {number}\n" for number in range(20)))
    file.write("the end")
    file.finish(room, "remedy")
    last = [f"line {number}" for number in range(15, 20)]
    assert text.getvalue().splitlines() == ["line 0", "line 1", "... 13 lines left out (remedy)", *last, "the end"]


def test_nothing_is_shown_without_room() -> None:
    file, text, room = bounded()
    file.write("dots ....")
    with file.using(room):
        file.write("a note")
    file.write("more dots\n")
    file.finish(room, "")
    assert text.getvalue() == "a note\n"


def test_colours_and_links_go_and_blank_lines_do_not_pile_up() -> None:
    file, text, room = bounded()
    file.use(room)
    file.write("\n\n\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07\n\n\n\x07end\n")
    assert text.getvalue() == "red link\n\n\\x07end\n"


def test_what_the_file_cannot_encode_is_refused_as_the_file_would() -> None:
    file, _, room = bounded()
    file.file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    file.use(room)
    with pytest.raises(UnicodeEncodeError):
        file.write("ü")
