"""The first screen: where to look first, why there, at which statements, and which failures that does not explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry, UnexplainedEntry
from pytest_parallel_agents.reports.first_causes import (
    advice,
    kinds_phrase,
    likeliest_lines,
    place,
    shown_clues,
    sum_phrase,
)
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.terminal.text import Terminal, write_hanging, write_more, write_wrapped

MOST_LINES: Final = 5
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


def write_causes(causes: Sequence[CauseEntry], terminal: Terminal, rerun: str) -> None:
    """The places with what speaks for them. `rerun` is a command that runs again what has failed."""
    if not causes:
        return
    terminal.line("look here first", bold=True)
    for number, cause in enumerate(causes, start=1):
        _write_place(number, cause, terminal)
        column = max(len(clue.kind) for clue in shown_clues(cause))
        for clue in shown_clues(cause):
            write_hanging(terminal, f"{_INDENT}{escape(clue.kind):{column}}  ", clue.what, cyan=True)
        if cause.basis is Basis.FAILURES:
            _write_statements(cause, terminal)
            write_wrapped(terminal, sum_phrase(cause), indent=_INDENT)
    if rerun:
        write_wrapped(terminal, f"next: {advice(causes[0])}, then run again what failed:")
        terminal.line(f"      {rerun}")
    terminal.line()


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


def _write_statements(cause: CauseEntry, terminal: Terminal) -> None:
    """The likeliest ones in the order of the text, the very first marked."""
    lines = sorted((each for each in cause.lines[:MOST_LINES] if each.text), key=lambda each: each.line)
    column = max([len(str(each.line)) for each in lines], default=0)
    likeliest = set(likeliest_lines(cause))
    for each in lines:
        mark = ">" if each.line in likeliest and len(likeliest) < len(lines) else " "
        write_hanging(terminal, f"{_INDENT[:-2]}{mark} {each.line:{column}} | ", each.text)


def _more(cause: CauseEntry) -> str:
    """How many failures it may explain, or which lines tools name."""
    if cause.basis is Basis.FAILURES:
        return f"  {counted(cause.failure_count, 'failure')}" if cause.failure_count > 1 else ""
    if len(cause.lines) <= 1:
        return ""
    lines = sorted(each.line for each in cause.lines)
    listed = ", ".join(str(line) for line in lines[:MOST_LINES])
    return f"  lines {listed}{', ...' if len(lines) > MOST_LINES else ''}"
