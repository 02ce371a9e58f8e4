"""The file of a terminal that shows only so much, whatever is written to it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pytest_parallel_agents.printable import escape_lines
from pytest_parallel_agents.reports.phrases import counted

MOST_LAST: Final = 6
"""Lines that are shown at the end, although they are beyond the room: pytest's last one has the counts."""

_LONGEST: Final = 500
_LONGEST_LAST: Final = 250
"""Bytes of a line."""

_LONGEST_UNFINISHED: Final = 10_000
_CONTROLS: Final = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[ -/]*[@-~]")
"""Colours, movements and links."""


@dataclass(slots=True, kw_only=True)
class Room:
    """How many lines and bytes may still be shown, and how many lines were not."""

    lines: int
    size: int
    left_out: int = 0


class BoundedFile:
    """Stands in for the file of a terminal writer. It shows nothing without a room."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self._room: Room | None = None
        self._unfinished = ""
        self._last: deque[str] = deque(maxlen=MOST_LAST)
        self._is_blank = True

    def use(self, room: Room | None) -> None:
        """What is written from now on takes this room; None shows nothing."""
        self._end_line()
        self._room = room

    @contextmanager
    def using(self, room: Room) -> Iterator[None]:
        """What is written within the block takes this room."""
        before = self._room
        self.use(room)
        try:
            yield
        finally:
            self.use(before)

    def write(self, text: str) -> int:
        """Raises UnicodeEncodeError for text that the file cannot encode: the writer then escapes it."""
        if self._room is not None:
            if not text.isascii():
                text.encode(self.file.encoding or "utf-8", self.file.errors or "strict")
            *lines, rest = (self._unfinished + text).split("\n")
            for line in lines:
                self._show(line, self._room)
            self._unfinished = rest[:_LONGEST_UNFINISHED]
        return len(text)

    def flush(self) -> None:
        self.file.flush()

    def finish(self, room: Room, remedy: str) -> None:
        """Shows the last lines of those beyond the room, and how many are left out before them."""
        self._end_line()
        if left_out := room.left_out - len(self._last):
            self.file.write(f"... {counted(left_out, 'line')} left out ({remedy})\n")
        for line in self._last:
            self.file.write(f"{_within(line, _LONGEST_LAST)}\n")
        self._last.clear()
        self.file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def _end_line(self) -> None:
        if self._unfinished and self._room is not None:
            self._show(self._unfinished, self._room)
        self._unfinished = ""

    def _show(self, text: str, room: Room) -> None:
        line = _within(escape_lines(_CONTROLS.sub("", text[:_LONGEST_UNFINISHED])).rstrip(), _LONGEST)
        if not line and self._is_blank:
            return
        size = len(line.encode()) + 1
        if room.left_out or not room.lines or size > room.size:
            room.left_out += 1
            self._last.append(line)
            return
        room.lines -= 1
        room.size -= size
        self._is_blank = not line
        self.file.write(f"{line}\n")


def _within(line: str, most: int) -> str:
    """As much of it as fits into so many bytes."""
    data = line.encode()
    return line if len(data) <= most else data[: most - 4].decode(errors="ignore") + " ..."
