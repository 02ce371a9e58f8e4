"""JSON texts into typed values, and the shape that our own formats share."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from pytest_parallel_agents.agents.output import Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Finding, Level

Shape = TypeVar("Shape")


class FindingShape(msgspec.Struct):
    """One finding as commands write it. Only the message is needed; other keys are ignored."""

    message: str
    rule: str = ""
    level: Level = Level.ERROR
    path: str | None = None
    line: int | None = None
    end_line: int | None = None

    def finding(self, root: Path) -> Finding:
        return Finding(
            rule=self.rule,
            level=self.level,
            message=self.message,
            path=None if self.path is None else place(self.path, root),
            line=self.line,
            end_line=self.end_line,
        )


def decode(text: str, shape: type[Shape]) -> Shape:
    """`text` as `shape`. Raises Unreadable when it is no JSON or has another shape."""
    try:
        return msgspec.json.decode(text.encode(), type=shape)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"its output cannot be read: {error}") from error


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
