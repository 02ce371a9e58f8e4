from __future__ import annotations

import msgspec
import pytest

from pytest_parallel_agents.tool_formats.decoding import decode, parse
from pytest_parallel_agents.tool_formats.output import Unreadable


class Shape(msgspec.Struct):
    message: str
    line: int | None = None


@pytest.mark.parametrize(
    "text",
    [
        '{"message": "grave", "message": "harmless"}',
        '{"message": "a", "level": "error", "level": "note"}',
        '{"message": "a", "more": [{"deep": {"x": 1, "x": 2}}]}',
        r'{"message": "a", "mess\u0061ge": "b"}',
    ],
)
def test_an_object_with_a_key_twice_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r'an object has the key "[a-z]+" twice'):
        decode(text, Shape)


@pytest.mark.parametrize(
    "text", ['{"message": "a", "n": [{"x": 1}, {"x": 1}]}', '{"message": "a", "n": 1' + "0" * 5000 + "}"]
)
def test_other_objects_may_have_the_same_keys(text: str) -> None:
    assert decode(text, Shape).message == "a"


def test_a_byte_order_mark_is_no_part_of_it() -> None:
    assert decode('\ufeff{"message": "a"}', Shape) == Shape("a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"\ud83d", r"\ud83d"),
        (r"\uDE00", r"\uDE00"),
        (r"\ud83d\ude00", "\N{GRINNING FACE}"),
        (r"\\ud83d", r"\ud83d"),
        (r"\ud83d\n", "\\ud83d\n"),
    ],
)
def test_half_a_character_stands_for_itself(text: str, message: str) -> None:
    assert decode(f'{{"message": "{text}"}}', Shape) == Shape(message)


def test_nulls_may_count_as_absent() -> None:
    assert parse('{"a": null, "b": [null, {"c": null}]}', nulls=False) == {"b": [None, {}]}
    assert parse('{"a": null}') == {"a": None}


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "[" * 100_000, '{"message": "m", "line": 1' + "0" * 5000 + "}"])
def test_what_no_other_reader_takes_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match=r"^its output cannot be read: "):
        decode(text, Shape)


def test_it_names_the_place_where_the_shape_differs() -> None:
    with pytest.raises(Unreadable, match=r"Expected `int \| null`, got `str` - at `\$.line`"):
        decode('{"message": "m", "line": "x"}', Shape)
