"""Texts into typed values, and the shape that our own formats share."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from types import UnionType
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from pytest_parallel_agents.agents.output import Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Finding, Level

Shape = TypeVar("Shape")


class FindingShape(msgspec.Struct):
    """One finding as commands write it. Only the message is needed; other keys are ignored."""

    message: Annotated[str, Meta(description="What is wrong and what to do about it.")]
    rule: Annotated[str, Meta(description="A short name for what it breaks; if empty, the check's name.")] = ""
    level: Annotated[Level, Meta(description="How grave it is.")] = Level.ERROR
    path: Annotated[str | None, Meta(description="The file, absolute or relative to the root.")] = None
    line: Annotated[int | None, Meta(description="Counted from 1; below that it is no line.")] = None
    end_line: Annotated[int | None, Meta(description="The last line, if there are several.")] = None

    def finding(self, root: Path) -> Finding:
        line = self.line if self.line is not None and self.line > 0 else None
        has_end = line is not None and self.end_line is not None and self.end_line >= line
        return Finding(
            rule=self.rule,
            level=self.level,
            message=self.message,
            path=None if self.path is None else place(self.path, root),
            line=line,
            end_line=self.end_line if has_end else None,
        )


def decode(text: str, shape: type[Shape] | UnionType) -> Shape:
    """A command's standard output as `shape`.

    Raises Unreadable when it is empty, no JSON, or has another shape, and when an object has a key twice: readers do
    not agree on which of the two counts, and the other one would vanish.
    """
    if not text.strip():
        raise Unreadable("it printed nothing on its standard output")
    try:
        value = msgspec.json.decode(text.encode(), type=shape)
        _KEYS_ONCE.decode(text)
    except (msgspec.MsgspecError, RecursionError, _Doubled) as error:
        raise Unreadable(f"its output cannot be read: {error}") from error
    return value


class _Doubled(ValueError):
    """A key is there twice in one object."""


def _refuse_doubled(pairs: list[tuple[str, object]]) -> None:
    """An object of a text that is read for nothing but its keys."""
    if len(dict(pairs)) < len(pairs):
        (doubled, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise _Doubled(f'an object has the key "{doubled}" twice')


_KEYS_ONCE: Final = json.JSONDecoder(
    object_pairs_hook=_refuse_doubled, parse_int=str, parse_float=str, parse_constant=str, strict=False
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
    """What matches each whole line that is not blank. Raises Unreadable, which quotes the line that does not fit."""
    matches = []
    for line in filter(str.strip, text.splitlines()):
        match = pattern.fullmatch(line)
        if match is None:
            raise Unreadable(f"its output cannot be read: {line}")
        matches.append(match)
    return matches
