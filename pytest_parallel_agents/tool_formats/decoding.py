"""Decodes texts into typed values."""

from __future__ import annotations

import re
from collections import Counter
from types import UnionType
from typing import Any, Final, TypeVar

import msgspec

from pytest_parallel_agents.early_bound import json
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.tool_formats.output import Unreadable

Shape = TypeVar("Shape")

_LONGEST_INTEGER: Final = 1000
"""Digits. Python refuses to parse more than 4,300, and no number that is read here has so many."""

_BEFORE: Final = 40
_LONGEST_LINE: Final = 200
"""Characters of a line that are quoted where it is no JSON."""

_ESCAPE: Final = re.compile(
    r"""
    \\(?: u[dD][89abAB][0-9a-fA-F]{2} \\u[dD][c-fC-F][0-9a-fA-F]{2}
        | (?P<lone> u[dD][89a-fA-F][0-9a-fA-F]{2} )
        | . )""",
    re.VERBOSE | re.DOTALL,
)


def decode(text: str, shape: type[Shape] | UnionType) -> Shape:
    """A command's standard output as `shape`. Raises Unreadable like `parse` and `shaped`."""
    parse(text)
    try:
        value: Shape = msgspec.json.decode(_plain(text).encode(), type=shape)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(f"its output cannot be read: {error}") from error
    return value


def shaped(value: object, shape: type[Shape] | UnionType) -> Shape:
    """The value as `shape`. Raises Unreadable, which names the place in the value that has another shape."""
    try:
        converted: Shape = msgspec.convert(value, shape)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(f"its output cannot be read: {error}") from error
    return converted


def parse(text: str, *, nulls: bool = True) -> object:
    """The JSON value that a text is. Without `nulls`, keys of objects whose value is null are left out.

    Raises Unreadable when it is empty or no JSON, and when an object has a key twice: readers do not agree on which of
    the two counts, and the other one would vanish.
    """
    if not text.strip():
        raise Unreadable("it printed nothing on its standard output")
    decoder = DECODER if nulls else _WITHOUT_NULLS
    try:
        return decoder.decode(_plain(text))
    except json.JSONDecodeError as error:
        raise Unreadable(f"its output cannot be read: {_describe_error(error)}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"its output cannot be read: {error}") from error


def without_lone_surrogates(text: str) -> str:
    """The JSON with escapes of half a character kept as they are: as a character they cannot be written anywhere."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _ESCAPE.sub(lambda match: f"\\{match[0]}" if match["lone"] else match[0], text)


def _describe_error(error: json.JSONDecodeError) -> str:
    """The error in a text, and its line, from a little before the place on."""
    line = error.doc.split("\n")[error.lineno - 1][max(0, error.colno - 1 - _BEFORE) :].strip()
    number = f" in line {error.lineno}" if "\n" in error.doc.strip() else ""
    return f"{error.msg}{number}{f': {cut(line, _LONGEST_LINE)}' if line else ''}"


def _plain(text: str) -> str:
    return without_lone_surrogates(text.removeprefix("\ufeff"))


class DuplicateKey(ValueError):
    """An object has a key twice."""


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        (duplicate, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise DuplicateKey(f'an object has the key "{duplicate}" twice')
    return fields


def _unique_keys_without_nulls(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in _unique_keys(pairs).items() if value is not None}


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_int=_integer, parse_constant=_refuse)
"""A decoder of JSON whose objects have each key once."""

_WITHOUT_NULLS: Final = json.JSONDecoder(
    object_pairs_hook=_unique_keys_without_nulls, parse_int=_integer, parse_constant=_refuse
)


def decode_lines(text: str, shape: type[Shape]) -> list[Shape]:
    """One JSON value on each line that is not blank. Raises Unreadable, which names the line."""
    values = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                values.append(decode(line, shape))
            except Unreadable as error:
                raise Unreadable(f"{error}, line {number}") from error
    return values


def match_lines(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """The match of each whole line that is not blank. Raises Unreadable, which quotes the line that does not match."""
    matches = []
    for line in filter(str.strip, text.splitlines()):
        match = pattern.fullmatch(line)
        if match is None:
            raise Unreadable(f"its output cannot be read: {line}")
        matches.append(match)
    return matches
