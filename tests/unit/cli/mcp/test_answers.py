from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.cli.mcp.answers import last_of, next_call, short, that_fit


@given(st.lists(st.text(max_size=50), max_size=60))
def test_rows_fill_the_room_and_never_more(rows: list[str]) -> None:
    fitting = that_fit(rows, lambda row: row, room=200)

    assert fitting == rows[: len(fitting)]
    sizes = [max(len(each.encode("utf-8")), len(msgspec.json.encode(each))) + 1 for each in rows]
    assert len(fitting) == 1 or sum(len(each.encode("utf-8")) + 1 for each in fitting) <= 200
    assert len(fitting) == len(rows) or sum(sizes[: len(fitting) + 1]) > 200


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_of_output_the_end_is_kept_within_its_bytes(text: str) -> None:
    found = last_of(text, 100)

    assert len(msgspec.json.encode(found)) <= 100 + len("... 1,000 lines before\\n") + 2
    assert all(char.isprintable() or char in "\n\t" for char in found)


def test_what_was_cut_of_output_is_counted() -> None:
    assert last_of("first\nsecond\n\x1b[1mthird\n", 25) == "... 2 lines before\n\\x1b[1mthird"
    assert last_of("first\nsecond\n", 100) == "first\nsecond"


def test_a_long_argument_of_the_next_call_is_named_instead() -> None:
    call = next_call("last_report", {"include": {"text": ["x" * 5000]}, "start": 7}, "goes on")

    assert (call.arguments, call.why) == ({"start": 7}, "with the same include: goes on")


@given(st.text(st.characters(exclude_characters="."), max_size=200), st.integers(1, 50))
def test_a_short_text_has_as_many_bytes_as_it_may(text: str, most: int) -> None:
    head, cut, count = short(text, most).partition(" ... ")

    assert len(head.encode()) <= most
    assert head.isprintable()
    assert cut or not count
    whole = len(short(text, 10_000).encode())
    assert count == (f"{whole - most:,} bytes left out" if whole > most else "")
