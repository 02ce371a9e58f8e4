"""What a command said, and the errors that speak of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from pytest_parallel_agents.agents.secrets import mask_secrets
from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.excerpts import excerpt
from pytest_parallel_agents.model import Evidence

MOST_MEBIBYTES: Final = 64
"""How much of a stream is read whole. What tools say in a machine's language is far less, or nobody would read it."""

_TAIL_LINES = 30
_TAIL_CHARACTERS = 3000
_MASKED_CHARACTERS = 64 * 1024
"""What is masked before it is cut to a tail, so that no secret is cut in two and not recognized."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A finished command. `exit_code` below zero is the number of the signal that ended it.

    `cut` names the streams that were too long to be read whole, of which only the ends are here. `sent` is what it had
    to read of the kind that it may repeat: its standard input, and texts among its arguments.
    """

    exit_code: int
    stdout: str
    stderr: str
    cut: tuple[str, ...] = ()
    sent: str = ""

    def tail(self) -> str:
        """The last lines of both streams under their names, without secrets; empty when nothing was said."""
        streams = (("stdout", self.stdout), ("stderr", self.stderr))
        return "\n".join(f"--- {name}\n{_last_lines(text)}" for name, text in streams if text.strip())

    def last_line(self) -> str:
        """The last words on stderr, else on stdout, without secrets; empty when nothing was said."""
        said = _end(self.stderr.strip() or self.stdout.strip())[-_TAIL_CHARACTERS:]
        return said.splitlines()[-1] if said else ""


Reader = Callable[[Output, Path], Evidence]
"""Takes a command's output and the root; returns what was found, or raises Unreadable."""


class Unreadable(ValueError):
    """An output does not tell what its command found."""


class NothingJudged(Unreadable):
    """The command has found nothing that it could judge, so it says nothing of the code."""


def read_output(exit_code: int, *, sent: str = "", **streams: BinaryIO) -> Output:
    """The output of a command that has written `stdout` and `stderr` into these files."""
    texts = {name: _read(file) for name, file in streams.items()}
    cut = tuple(name for name, file in streams.items() if _is_too_long(file))
    return Output(exit_code=exit_code, stdout=texts["stdout"], stderr=texts["stderr"], cut=cut, sent=sent)


def _read(file: BinaryIO) -> str:
    def read(start: int, length: int) -> bytes:
        file.seek(start)
        return file.read(length)

    size = file.seek(0, os.SEEK_END)
    text = excerpt(read, size) if _is_too_long(file) else read(0, size).decode(errors="replace")
    return text.replace("\r\n", "\n")


def _is_too_long(file: BinaryIO) -> bool:
    return file.seek(0, os.SEEK_END) > MOST_MEBIBYTES * 1024 * 1024


def _end(text: str) -> str:
    return mask_secrets(text[-_MASKED_CHARACTERS:])


def _last_lines(text: str) -> str:
    said = _end(text.rstrip())
    lines = said[-_TAIL_CHARACTERS:].splitlines()
    tail = "\n".join(lines[-_TAIL_LINES:])
    return tail if len(tail) == len(said) else f"[...]\n{tail}"
