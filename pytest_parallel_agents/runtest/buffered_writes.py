"""Buffers the terminal while checks run: many small writes become one, and our lines stand between whole rows.

pytest writes every dot by itself, and flushes after it. A line that comes while a row of them is under way would break
the row in two. At a terminal the line takes the row's place, and the row is written again below it. In a file or a pipe
nothing can be erased: there a row is written when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pytest_parallel_agents.runtest.own_process import OwnProcess

_ERASE: Final = "\r\x1b[K"
"""Erases the current line."""


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
        self._process = OwnProcess()
        terminal._file = self  # noqa: SLF001

    def write(self, text: str) -> int:
        """Raises UnicodeEncodeError at once for text that the file cannot encode: the writer then escapes it."""
        if not text.isascii():
            text.encode(self._file.encoding or "utf-8", self._file.errors or "strict")
        if not self._is_batch and not self._keeps_rows:
            return int(self._file.write(text))
        self._buffer.append(text)
        if self._keeps_rows:
            _, newline, rest = text.rpartition("\n")
            self._row = rest if newline else self._row + text
            if newline:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Writes the buffer, unless a batch is under way, which ends in a moment."""
        if self._is_batch:
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
            self._buffer.append(_ERASE)
        else:
            self._buffer = ["".join(self._buffer).removesuffix(row)]
        self._row = self._terminal._current_line = ""  # noqa: SLF001

    def _release(self, kept: str) -> None:
        text = "".join(self._buffer).removesuffix(kept)
        self._buffer = [kept] if kept else []
        if text:
            self._file.write(text)
