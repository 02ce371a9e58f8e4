"""Screens: what people see of text with control sequences, at a terminal of some size."""

from __future__ import annotations

import pyte


class Screen:
    """A terminal emulator that is fed with what a program writes."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=10_000)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, text: bytes) -> None:
        self._stream.feed(text)

    def resize(self, columns: int, rows: int) -> None:
        """Lines that are too long are cut: this terminal does not wrap them again."""
        self._screen.resize(lines=rows, columns=columns)

    @property
    def lines(self) -> list[str]:
        """What is on the screen, without empty lines at its end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().split("\n")

    @property
    def text(self) -> str:
        """All lines, those included that have left the screen."""
        columns = range(self._screen.columns)
        above = ["".join(line[column].data for column in columns).rstrip() for line in self._screen.history.top]
        return "\n".join([*above, *self.lines])

    @property
    def cursor(self) -> tuple[int, int]:
        """Its row and column, from 0."""
        return self._screen.cursor.y, self._screen.cursor.x

    @property
    def is_usual(self) -> bool:
        """Whether the cursor is visible and long lines are wrapped."""
        return not self._screen.cursor.hidden and pyte.modes.DECAWM in self._screen.mode
