"""The answers of the tools: text for the model and the same as a structure, both bounded, with the next useful call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from pytest_parallel_agents.printable import escape, escape_lines

MOST_BYTES: Final = 7_500
"""Of the text, and of the structure as JSON: together they stay below 16 kB."""

_FRAME_BYTES: Final = 1_500
"""For what stands around the rows of an answer."""
LONGEST: Final = 500
"""Bytes of one text in a row."""
_MOST_ARGUMENT: Final = 600

Row = TypeVar("Row")


class Call(Struct, frozen=True, kw_only=True):
    """The next useful call of a tool, and what for."""

    tool: str
    arguments: dict[str, Any]
    why: str


class Answered(Struct, frozen=True, kw_only=True):
    """What all answers end with."""

    next: Call


class Answer(NamedTuple):
    """A tool's answer. `content` fits the tool's output schema."""

    text: str
    content: Answered


def answer(lines: Iterable[str], content: Answered) -> Answer:
    """The lines, then the next call."""
    follows = content.next
    arguments = msgspec.json.encode(follows.arguments).decode()
    return Answer("\n".join([*lines, "", f"Next: {follows.tool} {arguments} {follows.why}"]), content)


def that_fit(rows: Iterable[Row], shown: Callable[[Row], str], *, room: int = MOST_BYTES - _FRAME_BYTES) -> list[Row]:
    """The first of the rows: as many as have room in the text, as `shown`, and in the structure. At least one."""
    fitting: list[Row] = []
    in_text = in_structure = 0
    for row in rows:
        in_text += len(shown(row).encode("utf-8", "backslashreplace")) + 1
        in_structure += len(msgspec.json.encode(row)) + 1
        if fitting and max(in_text, in_structure) > room:
            break
        fitting.append(row)
    return fitting


def short(text: str, most: int = LONGEST) -> str:
    """One line, escaped: at most `most` bytes, and how many more there were."""
    data = escape(text).encode()
    left_out = len(data) - most
    return data.decode() if left_out <= 0 else f"{data[:most].decode(errors='ignore')} ... {left_out:,} bytes left out"


def next_call(tool: str, arguments: dict[str, Any], why: str) -> Call:
    """The call, without arguments that would take too much room."""
    kept = {name: value for name, value in arguments.items() if is_argument(value)}
    left_out = [name for name in arguments if name not in kept]
    return Call(tool=tool, arguments=kept, why=f"with the same {', '.join(left_out)}: {why}" if left_out else why)


def is_argument(value: object) -> bool:
    """Whether it is short enough for one of the next call."""
    return len(msgspec.json.encode(value)) <= _MOST_ARGUMENT


def last_of(text: str, most: int = MOST_BYTES - _FRAME_BYTES) -> str:
    """The end of a program's output, escaped: at most `most` bytes, as text and as JSON."""
    lines = escape_lines(text.strip()).split("\n")
    kept: list[str] = []
    for line in reversed(lines):
        most -= len(msgspec.json.encode(line)) + 2
        if most < 0:
            kept.append(f"... {len(lines) - len(kept):,} lines before")
            break
        kept.append(line)
    return "\n".join(reversed(kept))
