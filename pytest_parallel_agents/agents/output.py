"""What a command said, and the errors that speak of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pytest_parallel_agents.model import Evidence

_TAIL_LINES = 30
_TAIL_CHARACTERS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A finished command. `exit_code` below zero is the number of the signal that ended it."""

    exit_code: int
    stdout: str
    stderr: str

    def tail(self) -> str:
        """The last lines of both streams under their names; empty when nothing was said."""
        streams = (("stdout", self.stdout), ("stderr", self.stderr))
        return "\n".join(f"--- {name}\n{_last_lines(text)}" for name, text in streams if text.strip())

    def last_line(self) -> str:
        """The last words on stderr, else on stdout; empty when nothing was said."""
        said = self.stderr.strip() or self.stdout.strip()
        return said.splitlines()[-1] if said else ""


Reader = Callable[[Output, Path], Evidence]
"""Takes a command's output and the root; returns what was found, or raises Unreadable."""


class Unreadable(ValueError):
    """An output does not tell what its command found."""


def _last_lines(text: str) -> str:
    lines = text.rstrip().splitlines()
    tail = "\n".join(lines[-_TAIL_LINES:])[-_TAIL_CHARACTERS:]
    return tail if len(tail) == len("\n".join(lines)) else f"[...]\n{tail}"
