"""The summary at the end of pytest's own: where to look first, other findings, and the gain of running in parallel.

pytest has printed the failures before; they are not repeated here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pytest_parallel_agents.agents.judging import OUTVOTED, OVERRULED
from pytest_parallel_agents.model.plan import Action
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.alone import alone_lines, passes_alone
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.first_causes import first_causes
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Baseline, ConflictEntry, Report
from pytest_parallel_agents.reports.run_phrases import ACTIONS, agreement, decision, heading, regression
from pytest_parallel_agents.reports.terminal.further_findings import write_further_findings
from pytest_parallel_agents.reports.terminal.gain import write_gain
from pytest_parallel_agents.reports.terminal.look_first import (
    causes_explained,
    write_causes,
    write_first,
    write_places,
    write_unexplained,
)
from pytest_parallel_agents.reports.terminal.measurements import write_measurements
from pytest_parallel_agents.reports.terminal.next_steps import NO_COMMANDS, Commands, next_steps
from pytest_parallel_agents.reports.terminal.text import Terminal, fitted, write_hanging, write_more, write_wrapped
from pytest_parallel_agents.reports.usage import of_check, of_run
from pytest_parallel_agents.tools.changes import LEFT_OUT
from pytest_parallel_agents.tools.touched_lines import DEMOTED

MOST_CONFLICTS = 5
MOST_REGRESSIONS = 20
MOST_AGREEMENTS = 10
MOST_MEASUREMENTS = 5


def write_summary(report: Report, terminal: Terminal, *, verbosity: int = 0, commands: Commands = NO_COMMANDS) -> None:
    """`verbosity` is pytest's: at -1 where to look and the gain, below only the first place to look at; above 0 nothing
    is left out. `commands` are offered at the end.
    """
    causes = first_causes(report)
    if verbosity < -1:
        write_first(causes, terminal)
        return
    titled = _Titled(terminal)
    if verbosity < 0:
        write_places(causes, titled)
    else:
        write_causes(causes, titled, verbose=verbosity > 0)
        write_unexplained(report.unexplained, titled, verbose=verbosity > 0)
    _write_alone(report, titled)
    _write_groups(report, titled)
    _write_left_out(report, titled)
    _write_interrupted(report, titled)
    if verbosity >= 0:
        _write_details(report, causes_explained(causes, verbose=verbosity > 0), titled, verbose=verbosity > 0)
    if report.baseline is not None:
        _write_baseline(report.baseline, verbosity, titled)
    _write_spending(report, titled, verbose=verbosity > 0)
    write_gain(report, titled, verbose=verbosity > 0)
    if verbosity >= 0:
        _write_next(next_steps(report, causes, commands, terminal.fullwidth), titled)


def _write_next(steps: Sequence[str], terminal: _Titled) -> None:
    if steps:
        terminal.space()
    for line in steps:
        terminal.line(line)


class _Titled:
    """A terminal that writes the section's title before its first line, and nothing if there is no line."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_titled = False
        self._is_spaced = True
        self._line = ""

    @property
    def fullwidth(self) -> int:
        return self._terminal.fullwidth

    def write(self, msg: str, *, flush: bool = False, **markup: bool) -> None:
        self._title()
        self._line += msg
        self._terminal.write(msg, flush=flush, **markup)

    def line(self, s: str = "", **markup: bool) -> None:
        self._title()
        self._is_spaced = not (self._line or s)
        self._line = ""
        self._terminal.line(s, **markup)

    def space(self) -> None:
        """Writes an empty line, unless there is one or it would be the first."""
        if not self._is_spaced:
            self.line()

    def sep(self, sepchar: str, title: str | None = None, fullwidth: int | None = None, **markup: bool) -> None:
        self._terminal.sep(sepchar, title, fullwidth, **markup)

    def markup(self, text: str, **markup: bool) -> str:
        return self._terminal.markup(text, **markup)

    def flush(self) -> None:
        self._terminal.flush()

    def _title(self) -> None:
        if not self._is_titled:
            self._is_titled = True
            self.sep("=", "parallel agents", bold=True)


def _write_details(report: Report, causes: Sequence[CauseEntry], terminal: Terminal, *, verbose: bool) -> None:
    write_further_findings(report, causes, terminal, verbose=verbose)
    conflicts = report.independence.conflicts
    _write_conflicts(conflicts, len(conflicts) if verbose else MOST_CONFLICTS, terminal)
    write_measurements(report, sys.maxsize if verbose else MOST_MEASUREMENTS, terminal)


def _write_alone(report: Report, terminal: Terminal) -> None:
    """Writes which failed checks pass alone."""
    for check in report.checks:
        if passes_alone(check.alone):
            terminal.line(escape(check.nodeid), yellow=True)
            for line in alone_lines(str(check.worker), check.replay or ""):
                terminal.line(f"  {escape(line)}")  # not wrapped: the command is to be copied


def _write_left_out(report: Report, terminal: Terminal) -> None:
    """Writes how many findings were left out, because their lines have not changed or by the level to fail on."""
    for check in report.checks:
        for note in check.notes:
            if note.startswith((LEFT_OUT, DEMOTED, OUTVOTED, OVERRULED)):
                for line in fitted([escape(f"{check.nodeid} {note}")], terminal.fullwidth):
                    terminal.line(line)


def _write_interrupted(report: Report, terminal: Terminal) -> None:
    """Writes which checks were ended or never started, when the run was interrupted."""
    cancelled = [check for check in report.checks if check.outcome is Outcome.CANCELLED]
    interrupted = [check.nodeid for check in cancelled if check.message == "interrupted"]
    unstarted = sum(check.message == "never started" for check in cancelled)
    for nodeid in interrupted:
        write_wrapped(terminal, f"interrupted: {nodeid}", yellow=True)
    if unstarted:
        write_wrapped(terminal, f"never started: {unstarted:,} of {counted(len(report.checks), 'check')}", yellow=True)


def _write_conflicts(conflicts: Sequence[ConflictEntry], most: int, terminal: Terminal) -> None:
    if not conflicts:
        return
    terminal.line("conflicts", bold=True)
    listed = sorted(conflicts, key=lambda conflict: conflict.action is Action.SERIALIZED)[:most]
    for conflict in listed:
        markup = {} if conflict.action is Action.SERIALIZED else {"yellow": True}
        text = f"{conflict.left} and {conflict.right}: {conflict.reason}"
        write_hanging(terminal, f"  {ACTIONS[conflict.action]}  ", text, **markup)
    write_more(len(conflicts) - len(listed), terminal)


def _write_groups(report: Report, terminal: Terminal) -> None:
    """Writes how each group was decided of which not all had to pass."""
    decided = [group for group in report.groups if group.wait != "all"]
    for group in decided:
        write_wrapped(terminal, f"{heading(group)}: {decision(group, report)}", red=group.passed is False)
        for each in group.agreements[:MOST_AGREEMENTS]:
            write_hanging(terminal, "  ", agreement(each), red=each.counts)
        write_more(len(group.agreements[MOST_AGREEMENTS:]), terminal)


def _write_spending(report: Report, terminal: Terminal, *, verbose: bool) -> None:
    """Writes what language models have used; with `verbose` also for each check."""
    if spent := of_run(report):
        write_wrapped(terminal, f"spent on language models: {spent}")
    for check in report.checks if verbose else ():
        if used := of_check(check):
            write_hanging(terminal, "  ", escape(f"{check.nodeid}: {used}"))


def _write_baseline(baseline: Baseline, verbosity: int, terminal: Terminal) -> None:
    new, fixed, unchanged = len(baseline.new), len(baseline.fixed), len(baseline.unchanged)
    counts = f"baseline: {new:,} new, {fixed:,} fixed, {unchanged:,} unchanged findings"
    write_wrapped(terminal, counts, bold=True, red=bool(new or baseline.regressions))
    most = len(baseline.regressions) if verbosity > 0 else MOST_REGRESSIONS
    for entry in baseline.regressions[:most]:
        write_hanging(terminal, "  worse  ", f"{entry.check}: {regression(entry)}", red=True)
        for slower in entry.functions[:1]:
            place, grown = (
                f"{slower.path} {slower.function}",
                f"{seconds(slower.before)} before, {seconds(slower.now)} now",
            )
            write_hanging(terminal, "         ", f"most of it in {place}: {grown}")
    write_more(len(baseline.regressions[most:]), terminal)
