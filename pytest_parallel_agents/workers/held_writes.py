"""Many small writes to the terminal as one: pytest writes every dot, and flushes after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class HeldWrites:
    """Stands in for a text file and passes on what is written when it is released, and flushes then."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._held: list[str] = []

    def write(self, text: str) -> int:
        """Only what every encoding has is held, so that the writer hears at once of what its file cannot encode."""
        if text.isascii():
            self._held.append(text)
            return len(text)
        self.release()
        return self._file.write(text)

    def flush(self) -> None:
        """Wait for the release, which is a moment away."""

    def release(self) -> None:
        """Write what is held."""
        text = "".join(self._held)
        self._held.clear()
        if text:
            self._file.write(text)
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def held_writes(terminal: Any) -> Iterator[None]:
    """Within the block pytest's terminal writer holds what it is told; at its end all is written."""
    file = terminal._file  # noqa: SLF001
    held = terminal._file = HeldWrites(file)  # noqa: SLF001
    try:
        yield
    finally:
        terminal._file = file  # noqa: SLF001
        held.release()
