"""Text for terminals: output of checks is escaped and fitted to the width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Protocol

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.printable import escape

NARROWEST = 40
USUAL_WIDTH = 80
"""Lines that programs may search for are not broken in terminals of at least this width."""

_MOST_LINES = 3
_BELOW = " " * 4
_LONGEST = 1000
"""Characters of a single word that is not broken."""


class Terminal(Protocol):
    """The part of pytest's TerminalWriter (`config.get_terminal_writer()`) that the renderers use."""

    @property
    def fullwidth(self) -> int: ...

    def write(self, msg: str, *, flush: bool = False, **markup: bool) -> None: ...

    def line(self, s: str = "", **markup: bool) -> None: ...

    def sep(self, sepchar: str, title: str | None = None, fullwidth: int | None = None, **markup: bool) -> None: ...

    def markup(self, text: str, **markup: bool) -> str: ...

    def flush(self) -> None: ...


def wrap(text: str, width: int, *, most_lines: int = _MOST_LINES) -> list[str]:
    """The escaped text in at most `most_lines` lines; ids and paths are never broken. At least one line."""
    flat = escape(" ".join(cut(text, _LONGEST).split()))
    lines = textwrap.wrap(
        flat, width=width, max_lines=most_lines, placeholder=" ...", break_long_words=False, break_on_hyphens=False
    )
    return lines or [""]


def write_hanging(terminal: Terminal, label: str, text: str, **markup: bool) -> None:
    """Writes the label with its markup, then the text in a column of its own beside it, or below where that is too
    narrow.
    """
    full = max(terminal.fullwidth, NARROWEST)
    width = full - len(label)
    first, *others = wrap(text, max(width, NARROWEST // 2))
    if full < USUAL_WIDTH and any(len(line) > width for line in (first, *others)):
        terminal.line(label.rstrip(), **markup)
        for line in wrap(text, full - len(_BELOW)):
            terminal.line(f"{_BELOW}{line}")
        return
    terminal.write(label, **markup)
    terminal.line(first)
    for line in others:
        terminal.line(" " * len(label) + line)


def write_wrapped(terminal: Terminal, text: str, *, indent: str = "", **markup: bool) -> None:
    """Writes escaped text in as many lines as it takes; those after the first are indented by two more columns."""
    for line in wrapped(text, terminal.fullwidth, indent=indent):
        terminal.line(line, **markup)


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Escaped text in lines of at most `width` columns; ids, paths and other words are never broken."""
    return textwrap.wrap(
        escape(text),
        width=max(width, NARROWEST),
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def fitted(lines: Iterable[str], width: int) -> list[str]:
    """The lines, broken between words where a terminal is narrow; continuation lines keep the indentation."""
    if width >= USUAL_WIDTH:
        return list(lines)
    return [
        part
        for line in lines
        for part in (wrapped(line.lstrip(), width, indent=" " * (len(line) - len(line.lstrip()))) or [""])
    ]


def write_more(number: int, terminal: Terminal) -> None:
    """Writes the end of a list, of which `number` entries were left out."""
    if number:
        write_wrapped(terminal, more(number), indent="  ")
    terminal.line()


def more(number: int) -> str:
    """The line in place of the entries that were left out."""
    return f"... and {number:,} more (-v lists all)"
