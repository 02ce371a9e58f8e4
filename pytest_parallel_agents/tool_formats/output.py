"""A command's output, and errors about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import os, signal
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.excerpts import cut, excerpt, shortened
from pytest_parallel_agents.model.results import Evidence
from pytest_parallel_agents.printable import escape_lines
from pytest_parallel_agents.secrets import mask_secrets

MOST_MEBIBYTES: Final = 64
"""How much of a stream is read whole. Machine-readable output is far less in practice."""

_FIRST_LINES = 12
"""How many lines of a long stream are quoted from the first error on."""
_TAIL_LINES = 18
_QUOTED_CHARACTERS = 3000
_LONGEST_REASON = 300
_MASKED_CHARACTERS = 1024 * 1024
"""Characters that are masked before the text is cut, so that no secret is cut in two and missed. Of more only the ends
are."""

_ERROR_WORDS: Final = re.compile(
    r"\b(?:error|fatal|panic|exception|traceback|invalid|illegal|unrecognized|unknown|unexpected|unsupported|missing"
    r"|failed|failure|denied|refused|unable|cannot|can't|could not|couldn't|not found|not installed|no such|no module"
    r"|timed out)\b|[A-Za-z](?:Error|Exception)\b",
    re.IGNORECASE,
)


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A finished command. `exit_code` below zero is the number of the signal that ended it.

    `stdout` is the text to read for findings; `other_text` is the rest of the command's standard output. `cut` names
    the streams that were too long to be read whole, of which only the ends are kept. `sent` is the input that it may
    repeat: its standard input, and texts among its arguments. `key` is that of the question, if the answer may be kept,
    and `kept_since` when a kept one was given, in seconds since the epoch.
    """

    exit_code: int
    stdout: str
    stderr: str
    other_text: str = ""
    cut: tuple[str, ...] = ()
    sent: str = ""
    key: str = ""
    kept_since: float | None = None

    @property
    def ended(self) -> str:
        """How the command ended, in words."""
        return f"ended by {_signal_name(-self.exit_code)}" if self.exit_code < 0 else f"exit code {self.exit_code}"

    def tail(self) -> str:
        """The streams under their names, without secrets; empty when both are.

        Of a long one the lines from the first on that names an error, and the last ones.
        """
        streams = (("stdout", f"{self.other_text}\n{self.stdout}"), ("stderr", self.stderr))
        return "\n".join(f"--- {name}\n{_quoted(text)}" for name, text in streams if text.strip())

    def reason(self) -> str:
        """The first line that names an error, of stderr, else of stdout if it is no JSON, without secrets.

        Of a traceback its last line; where no line names an error the last line.
        """
        stdout = "" if self.stdout.lstrip().startswith(("[", "{")) else self.stdout
        lines = _masked(self.stderr.strip() or self.other_text.strip() or stdout.strip()).splitlines()
        return cut(lines[_first_error_line(lines)].strip(), _LONGEST_REASON) if lines else ""

    def last_line(self) -> str:
        """The last line on stderr, else on stdout, without secrets; empty when nothing was printed."""
        other_text = _masked(self.stderr.strip() or self.stdout.strip())[-_QUOTED_CHARACTERS:]
        return other_text.splitlines()[-1] if other_text else ""


Reader = Callable[[Output, Path], Evidence]
"""Takes a command's output and the root; returns the evidence, or raises Unreadable."""


class Unreadable(ValueError):
    """The findings cannot be read from an output."""


class NothingJudged(Unreadable):
    """The command has found nothing to judge, so its output means nothing about the code."""


def broken(name: str, output: Output, problem: str, *, reason: str = "") -> BrokenTool:
    """The error of the check of this name. `reason` is the tool's own message, which people should read first."""
    first = f"{name}: {reason} ({problem})" if reason and reason not in problem else f"{name}: {problem}"
    return BrokenTool("\n".join(filter(None, (first, output.tail()))))


def read_output(exit_code: int, *, sent: str = "", **streams: BinaryIO) -> Output:
    """The output of a command that has written `stdout` and `stderr` into these files."""
    texts = {name: _read(file) for name, file in streams.items()}
    cut = tuple(name for name, file in streams.items() if _is_too_long(file))
    return Output(exit_code=exit_code, stdout=texts["stdout"], stderr=texts["stderr"], cut=cut, sent=sent)


def read_report(output: Output, file: BinaryIO) -> Output:
    """The output of a command that has written its report into this file."""
    cut = (*output.cut, *(("its output-file",) if _is_too_long(file) else ()))
    return replace(output, stdout=_read(file), other_text=output.stdout, cut=cut)


def for_people(text: str) -> str:
    """What a command printed as reports show it: not too long, without secrets and control characters."""
    return escape_lines(shortened(mask_secrets(text)))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _read(file: BinaryIO) -> str:
    def read(start: int, length: int) -> bytes:
        file.seek(start)
        return file.read(length)

    size = file.seek(0, os.SEEK_END)
    text = excerpt(read, size) if _is_too_long(file) else read(0, size).decode(errors="replace")
    return text.replace("\r\n", "\n")


def _is_too_long(file: BinaryIO) -> bool:
    return file.seek(0, os.SEEK_END) > MOST_MEBIBYTES * 1024 * 1024


def _masked(text: str) -> str:
    return mask_secrets(text if len(text) <= _MASKED_CHARACTERS else shortened(text))


def _first_error_line(lines: Sequence[str]) -> int:
    """The index of the first line that names an error. After the head of a traceback that is the exception."""
    number = next((number for number, line in enumerate(lines) if _ERROR_WORDS.search(line)), len(lines) - 1)
    if not lines[number].startswith("Traceback "):
        return number
    raised = (at for at, line in enumerate(lines[number + 1 :], number + 1) if re.match(r"\w", line))
    return next(raised, number)


def _quoted(text: str) -> str:
    """The whole text if it is short."""
    lines = _masked(text.strip("\n").rstrip()).splitlines()
    if len(lines) > _FIRST_LINES + _TAIL_LINES:
        first_error = range(_first_error_line(lines), len(lines))[:_FIRST_LINES]
        lines = [*_in_part(lines, sorted({*first_error, *range(len(lines) - _TAIL_LINES, len(lines))}))]
    quoted = "\n".join(lines)
    if len(quoted) <= _QUOTED_CHARACTERS:
        return quoted
    return f"{quoted[: _QUOTED_CHARACTERS // 2]}\n[...]\n{quoted[-_QUOTED_CHARACTERS // 2 :]}"


def _in_part(lines: Sequence[str], numbers: Sequence[int]) -> Iterator[str]:
    """These of the lines, with a mark where others are left out."""
    for number, before in zip(numbers, (-1, *numbers), strict=False):
        if number != before + 1:
            yield "[...]"
        yield lines[number]
