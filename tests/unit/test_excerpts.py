from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.excerpts import END, MOST, cut, excerpt, shortened

NOTE = re.compile(r"\n\.\.\. ([\d,]+) bytes left out \.\.\.\n")


def of(data: bytes) -> str:
    return excerpt(lambda start, length: data[start : start + length], len(data))


def left_out(text: str) -> int:
    (number,) = NOTE.findall(text)
    return int(number.replace(",", ""))


def test_what_is_short_stays_as_it_is() -> None:
    text = "é\n" * 50_000
    assert shortened(text) is text


def test_whole_lines_of_both_ends_are_kept() -> None:
    lines = [f"line {number}" for number in range(100_000)]
    head, _, tail = NOTE.split(shortened("\n".join(lines)))

    kept = [*head.split("\n"), *tail.split("\n")]
    assert kept == lines[: head.count("\n") + 1] + lines[-tail.count("\n") - 1 :]
    assert END - 20 < len(head) <= END
    assert END - 20 < len(tail) <= END


def test_the_number_of_bytes_left_out_is_shown() -> None:
    text = of(b"x" * 1_000_000)
    assert left_out(text) == 1_000_000 - text.count("x")


@pytest.mark.parametrize("character", ["é", "€", "\N{GRINNING FACE}"])
@pytest.mark.parametrize("shift", range(4))
def test_no_character_is_cut(character: str, shift: int) -> None:
    data = b"." * shift + (character * 200_000).encode() + b"." * shift
    text = of(data)
    assert "\N{REPLACEMENT CHARACTER}" not in text
    assert left_out(text) == len(data) - len("".join(NOTE.split(text)[::2]).encode())


def test_lone_surrogates_are_no_obstacle() -> None:
    assert left_out(shortened("\udc80\n" * MOST))


@given(st.binary(min_size=1, max_size=40).map(lambda unit: unit * (MOST // len(unit) + 1_000)))
def test_an_excerpt_of_anything_is_not_cut_again(data: bytes) -> None:
    text = of(data)
    assert len(text) <= MOST
    assert shortened(text) is text


@given(st.text(), st.integers(0, 40))
def test_what_is_cut_is_no_longer_than_it_was(text: str, most: int) -> None:
    shorter = cut(text, most)
    assert len(shorter) <= len(text)
    assert shorter == text or shorter == f"{text[:most]} ... {len(text) - most:,} characters left out"
