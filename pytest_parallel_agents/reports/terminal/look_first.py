"""The first screen: where to look first, why there, at which statements, and which failures that does not explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry, ClueEntry, UnexplainedEntry
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.text import (
    Terminal,
    counted,
    write_hanging,
    write_more,
    write_wrapped,
)

MOST_CAUSES: Final = 5
MOST_CLUES: Final = 3
MOST_LINES: Final = 5
MOST_UNEXPLAINED: Final = 5

LEAST_SHARE: Final = 0.25
"""Of the score of the first cause of the same failures, below which another one takes more time than it is worth."""

_INDENT: Final = " " * 7


def first_causes(report: Report) -> list[CauseEntry]:
    """The first causes with a clue that failed, or is new since the baseline. No others need mending."""
    bad = frozenset(check.nodeid for check in report.checks if check.outcome.bad)
    new = frozenset(finding.check for finding in report.baseline.new) if report.baseline else frozenset()
    concerned = (cause for cause in report.causes if any(clue.check in bad | new for clue in cause.evidence))
    return list(_worth_a_look(concerned))[:MOST_CAUSES]


def _worth_a_look(causes: Iterable[CauseEntry]) -> Iterator[CauseEntry]:
    """The first of each cluster, and those that are not far below the first."""
    most: dict[int, float] = {}
    for cause in causes:
        first = most.setdefault(cause.cluster, cause.score)
        if cause.basis is Basis.FINDINGS or cause.score >= LEAST_SHARE * first:
            yield cause


def write_first(causes: Sequence[CauseEntry], terminal: Terminal) -> None:
    """The one place to look at, in one line."""
    if causes:
        write_wrapped(terminal, f"look here first: {_place(causes[0])} [{_kinds(causes[0])}]", bold=True)


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
            write_wrapped(terminal, _sum(cause), indent=_INDENT)
    if rerun:
        write_wrapped(terminal, f"next: {_advice(causes[0])}, then run again what failed:")
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


def shown_clues(cause: CauseEntry) -> tuple[ClueEntry, ...]:
    return cause.evidence[:MOST_CLUES]


def _advice(cause: CauseEntry) -> str:
    """A test's own lines only show that something is wrong, seldom that the test is. A file that could not be collected
    contains no name.
    """
    test, _, name = cause.evidence[0].check.partition("::")
    if test == cause.path and name:
        return f"see why {escape(name)} fails at {_location(cause)}"
    return f"mend {_location(cause)}"


def _write_place(number: int, cause: CauseEntry, terminal: Terminal) -> None:
    label, place, kinds, more = f"{number:3}. ", _place(cause), f"[{_kinds(cause)}]", _more(cause)
    if len(f"{label}{place}  {kinds}{more}") > terminal.fullwidth:
        write_hanging(terminal, label, place)
        write_wrapped(terminal, f"{kinds}{more}", indent=_INDENT, cyan=True)
        return
    terminal.write(label)
    terminal.write(place, bold=True)
    terminal.write(f"  {kinds}", cyan=True)
    terminal.line(more)


def _write_statements(cause: CauseEntry, terminal: Terminal) -> None:
    """The likeliest ones in the order of the text, the very first marked."""
    lines = sorted((each for each in cause.lines[:MOST_LINES] if each.text), key=lambda each: each.line)
    column = max([len(str(each.line)) for each in lines], default=0)
    likeliest = set(_likeliest(cause))
    for each in lines:
        mark = ">" if each.line in likeliest and len(likeliest) < len(lines) else " "
        write_hanging(terminal, f"{_INDENT[:-2]}{mark} {each.line:{column}} | ", each.text)


def _sum(cause: CauseEntry) -> str:
    """`score 1.71 = coverage 0.71 + traceback 1.00; coverage and traceback name no likelier place`."""
    addends = [(addend.kind, addend.weight * addend.points) for addend in cause.addends]
    parts = " + ".join(f"{kind} {points:.2f}" for kind, points in addends)
    agreeing = ", ".join(cause.agreeing)
    confidence = f"; {counted(cause.confidence, 'kind')} of evidence agree: {agreeing}" if cause.confidence > 1 else ""
    return f"score {cause.score:.2f} = {parts}{confidence}"


def _more(cause: CauseEntry) -> str:
    """How many failures it may explain, or which lines tools name."""
    if cause.basis is Basis.FAILURES:
        return f"  {counted(cause.failure_count, 'failure')}" if cause.failure_count > 1 else ""
    if len(cause.lines) <= 1:
        return ""
    lines = sorted(each.line for each in cause.lines)
    listed = ", ".join(str(line) for line in lines[:MOST_LINES])
    return f"  lines {listed}{', ...' if len(lines) > MOST_LINES else ''}"


def _place(cause: CauseEntry) -> str:
    return f"{_location(cause)} {escape(cause.function)}".rstrip()


def _location(cause: CauseEntry) -> str:
    return escape(f"{cause.path}:{min(_likeliest(cause), default=cause.line)}")


def _likeliest(cause: CauseEntry) -> Iterator[int]:
    """Of several tools' lines the first; else those with the highest score."""
    most = max([each.score for each in cause.lines], default=0.0)
    for each in cause.lines:
        if each.score == most or cause.basis is Basis.FINDINGS:
            yield each.line


def _kinds(cause: CauseEntry) -> str:
    """The kinds of the evidence, the strongest first."""
    return " + ".join(escape(kind) for kind in dict.fromkeys(clue.kind for clue in cause.evidence))
