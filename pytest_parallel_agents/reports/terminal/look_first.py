"""The first screen: where to look first, why there, at which statements, and which failures that does not explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry, UnexplainedEntry
from pytest_parallel_agents.reports.first_causes import (
    kinds_phrase,
    likeliest_lines,
    place,
    shown_clues,
    sum_phrase,
)
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.terminal.text import (
    NARROWEST,
    Terminal,
    wrap,
    write_hanging,
    write_more,
    write_wrapped,
)

MOST_LINES: Final = 5
MOST_STATEMENTS: Final = 3
"""Fewer where the summary is to fit a screen."""
MOST_UNEXPLAINED: Final = 5

_INDENT: Final = " " * 7


def write_first(causes: Sequence[CauseEntry], terminal: Terminal) -> None:
    """The one place to look at, in one line."""
    if causes:
        write_wrapped(terminal, f"look here first: {place(causes[0])} [{kinds_phrase(causes[0])}]", bold=True)


def write_places(causes: Sequence[CauseEntry], terminal: Terminal) -> None:
    """The places alone, a line each."""
    if causes:
        terminal.line("look here first", bold=True)
    for number, cause in enumerate(causes, start=1):
        _write_place(number, cause, terminal)


def write_causes(causes: Sequence[CauseEntry], terminal: Terminal, *, verbose: bool) -> None:
    """The places, with what speaks for the first of them, or for all if `verbose`."""
    if not causes:
        return
    terminal.line("look here first", bold=True)
    explained = causes_explained(causes, verbose=verbose)
    for number, cause in enumerate(causes, start=1):
        _write_place(number, cause, terminal)
        if number > len(explained):
            continue
        column = max(len(clue.kind) for clue in shown_clues(cause))
        for clue in shown_clues(cause):
            write_hanging(terminal, f"{_INDENT}{escape(clue.kind):{column}}  ", clue.what, cyan=True)
        if cause.basis is Basis.FAILURES:
            _write_statements(cause, terminal, verbose=verbose)
            write_wrapped(terminal, sum_phrase(cause), indent=_INDENT)
    terminal.line()


def causes_explained(causes: Sequence[CauseEntry], *, verbose: bool) -> Sequence[CauseEntry]:
    """Those that are shown with what speaks for them. The others have a line, so that all fit a screen."""
    return causes if verbose else causes[:1]


def write_unexplained(unexplained: Sequence[UnexplainedEntry], terminal: Terminal, *, verbose: bool) -> None:
    """The failures for which no code of the project is under suspicion, and why; the first ones unless `verbose`."""
    if not unexplained:
        return
    terminal.line("no cause known", bold=True)
    most = len(unexplained) if verbose else MOST_UNEXPLAINED
    for entry in unexplained[:most]:
        others = f" and {counted(len(entry.checks) - 1, 'other')}" if len(entry.checks) > 1 else ""
        write_wrapped(terminal, f"{entry.checks[0]}{others}: {entry.why}", indent="  ")
    write_more(len(unexplained[most:]), terminal)


def _write_place(number: int, cause: CauseEntry, terminal: Terminal) -> None:
    label, where, kinds, more = f"{number:3}. ", escape(place(cause)), f"[{escape(kinds_phrase(cause))}]", _more(cause)
    if len(f"{label}{where}  {kinds}{more}") > terminal.fullwidth:
        write_hanging(terminal, label, where)
        write_wrapped(terminal, f"{kinds}{more}", indent=_INDENT, cyan=True)
        return
    terminal.write(label)
    terminal.write(where, bold=True)
    terminal.write(f"  {kinds}", cyan=True)
    terminal.line(more)


def _write_statements(cause: CauseEntry, terminal: Terminal, *, verbose: bool) -> None:
    """The likeliest ones in the order of the text, the very first marked. Each takes a line, unless `verbose`."""
    most = MOST_LINES if verbose else MOST_STATEMENTS
    lines = sorted((each for each in cause.lines[:most] if each.text), key=lambda each: each.line)
    column = max([len(str(each.line)) for each in lines], default=0)
    likeliest = set(likeliest_lines(cause))
    for each in lines:
        mark = ">" if each.line in likeliest and len(likeliest) < len(lines) else " "
        label = f"{_INDENT[:-2]}{mark} {each.line:{column}} | "
        if verbose:
            write_hanging(terminal, label, each.text)
        else:
            terminal.line(label + wrap(each.text, max(terminal.fullwidth, NARROWEST) - len(label), most_lines=1)[0])


def _more(cause: CauseEntry) -> str:
    """How many failures it may explain, or which lines tools name."""
    if cause.basis is Basis.FAILURES:
        return f"  {counted(cause.failure_count, 'failure')}" if cause.failure_count > 1 else ""
    if len(cause.lines) <= 1:
        return ""
    lines = sorted(each.line for each in cause.lines)
    listed = ", ".join(str(line) for line in lines[:MOST_LINES])
    return f"  lines {listed}{', ...' if len(lines) > MOST_LINES else ''}"
