"""Buffers the terminal while checks run: many small writes become one, and our lines stand between whole rows.

pytest writes every dot by itself, and flushes after it. A line that comes while a row of them is under way would break
the row in two. At a terminal the line takes the row's place, and the row is written again below it. In a file or a pipe
nothing can be erased: there a row is written when it is whole.

At a terminal there may be an area below the text, which is redrawn in place. Text is then written with the next redraw.
The cursor stays where the text ends. So the area is erased without knowing what it was: from the cursor to the end of
the screen. Output of other processes goes where it would go without an area, and at a sudden end no state of the
terminal has to be restored.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import Any, Final

from _pytest._io.wcwidth import wcswidth

from pytest_parallel_agents.runtest.own_process import OwnProcess

_ERASE: Final = "\r\x1b[K"
"""Erases the current line."""

_ERASE_BELOW: Final = "\x1b[J"
_INDEX: Final = "\x1bD"
"""One line down in the same column; at the bottom of the screen the text moves up instead."""

_CONTROL: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")


class BufferedWrites:
    """Stands in for the file of pytest's terminal writer, until it is closed. With `rows`, rows stay whole."""

    def __init__(self, terminal: Any, *, rows: bool) -> None:
        self._terminal = terminal
        self._file = terminal._file  # noqa: SLF001
        self._keeps_rows = rows
        self._can_erase = rows and bool(terminal.hasmarkup) and self._file.isatty()
        self._buffer: list[str] = []
        self._row = ""
        self._is_batch = False
        self._has_area = False
        self._area: Sequence[str] = ()
        self._process = OwnProcess()
        self.releases = 0
        terminal._file = self  # noqa: SLF001

    @property
    def is_pending(self) -> bool:
        """Whether there is text that is not written yet."""
        return bool(self._buffer)

    def write(self, text: str) -> int:
        """Raises UnicodeEncodeError at once for text that the file cannot encode: the writer then escapes it."""
        if not text.isascii():
            text.encode(self._file.encoding or "utf-8", self._file.errors or "strict")
        if not (self._is_batch or self._keeps_rows or self._has_area):
            self.releases += 1
            return int(self._file.write(text))
        self._buffer.append(text)
        if self._keeps_rows:
            _, newline, rest = text.rpartition("\n")
            self._row = rest if newline else self._row + text
            if newline:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Writes the buffer, unless a batch is under way, which ends in a moment, or the area will be redrawn."""
        if self._is_batch or self._has_area:
            return
        self._release(self._row if self._keeps_rows and not self._can_erase else "")
        self._file.flush()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Text that is written within the block goes out at its end."""
        self._is_batch = True
        try:
            yield
        finally:
            self._is_batch = False
            self.flush()

    @contextmanager
    def above_row(self) -> Iterator[None]:
        """Lines that are written within the block stand above the current row."""
        row, line = self._row, self._terminal._current_line  # noqa: SLF001
        if row:
            self._take_back(row)
        try:
            yield
        finally:
            if row:
                self.write(row)
                self._terminal._current_line = line  # noqa: SLF001
            self.flush()

    @contextmanager
    def area(self) -> Iterator[None]:
        """Within the block `draw` has to be called again and again: nothing else writes the buffer.

        What plugins print in this process is part of the text, as it is without an area.
        """
        self._has_area = True
        prints = redirect_stdout(self) if sys.stdout is self._file else nullcontext()
        try:
            with prints:
                yield
        finally:
            self._has_area = False
            if self._process.is_current():
                self._redraw(())

    def draw(self, lines: Sequence[str]) -> None:
        """Writes the buffer with these lines below it, fewer than the screen has; nothing if nothing has changed."""
        if self._buffer or lines != self._area:
            self._redraw(lines)

    def close(self) -> None:
        """Restores the terminal. The unfinished last row is written, but not by a fork that has a copy."""
        self._terminal._file = self._file  # noqa: SLF001
        if self._process.is_current():
            self._release("")
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def _take_back(self, row: str) -> None:
        if self._can_erase:
            above = max(0, wcswidth(_CONTROL.sub("", row)) - 1) // self._terminal.fullwidth  # if it is narrower now
            self._buffer.append(f"\r\x1b[{above}A{_ERASE_BELOW}" if above else _ERASE)
        else:
            self._buffer = ["".join(self._buffer).removesuffix(row)]
        self._row = self._terminal._current_line = ""  # noqa: SLF001

    def _release(self, kept: str) -> None:
        text = "".join(self._buffer).removesuffix(kept)
        self._buffer = [kept] if kept else []
        if text:
            self.releases += 1
            self._file.write(text)

    def _redraw(self, lines: Sequence[str]) -> None:
        """Erases the area, and writes the buffer and the next area at once, so that the screen does not flicker."""
        if self._area:
            self._buffer.insert(0, _ERASE_BELOW)
        encoding = self._file.encoding or "utf-8"
        self._buffer.append(_below_cursor(lines).encode(encoding, "backslashreplace").decode(encoding))
        self._area = lines
        self._release("")
        self._file.flush()


def _below_cursor(lines: Sequence[str]) -> str:
    """Writes the lines below the cursor and moves it back. A line that is too long is cut, not wrapped."""
    if not lines:
        return ""
    room = f"{_INDEX * len(lines)}\x1b[{len(lines)}A"
    return f"{room}\x1b7\x1b[?7l" + "".join(f"\r\n{line}" for line in lines) + "\x1b8\x1b[?7h"
