"""The summary at the end of pytest's own: where to look first, what else was found, what the parallel run gained.

pytest has printed the failures before; they are not repeated here.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from pytest_parallel_agents.agents.changes import LEFT_OUT
from pytest_parallel_agents.convergence.clues import findings_phrase
from pytest_parallel_agents.convergence.duplicates import Sighting, merged
from pytest_parallel_agents.convergence.regressions import regression_phrase
from pytest_parallel_agents.model import Action, Level, Outcome
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.alone import alone_lines, passes
from pytest_parallel_agents.reports.measured import write_measurements
from pytest_parallel_agents.reports.report import (
    Baseline,
    CauseEntry,
    ClueEntry,
    ConflictEntry,
    FindingEntry,
    GroupEntry,
    RegressionEntry,
    Report,
    Run,
    Timing,
)
from pytest_parallel_agents.reports.text import Terminal, counted, more, seconds, write_hanging

MOST_CAUSES = 5
MOST_CLUES = 3
MOST_LINES = 5
MOST_FINDINGS = 20
MOST_CONFLICTS = 5
MOST_REGRESSIONS = 20
MOST_MEASUREMENTS = 10

_LEVEL_MARKUP = {Level.ERROR: {"red": True}, Level.WARNING: {"yellow": True}, Level.NOTE: {"blue": True}}


def write_summary(report: Report, terminal: Terminal, *, verbosity: int = 0) -> None:
    """`verbosity` is pytest's: below 0 only where to look and what was gained; above 0 nothing is left out."""
    terminal.sep("=", "parallel agents", bold=True)
    went_wrong = any(check.outcome.bad for check in report.checks)
    causes = report.causes[:MOST_CAUSES] if went_wrong else ()  # there is nothing to mend first
    _write_causes(causes, terminal)
    _write_alone(report, terminal)
    _write_groups(report, terminal)
    _write_left_out(report, terminal)
    _write_interrupted(report, terminal)
    if verbosity >= 0:
        findings = _phrased(report)
        untold = [(one.finding, phrase) for one, phrase in findings if not _is_told(one, phrase, causes)]
        heading = "findings" if len(untold) == len(findings) else "further findings, not told above"
        _write_findings(heading, untold, len(untold) if verbosity else MOST_FINDINGS, terminal)
        conflicts = report.independence.conflicts
        _write_conflicts(conflicts, len(conflicts) if verbosity else MOST_CONFLICTS, terminal)
        write_measurements(report, sys.maxsize if verbosity else MOST_MEASUREMENTS, terminal)
    if report.baseline is not None:
        _write_baseline(report.baseline, verbosity, terminal)
    _write_arithmetic(report.timing, report.run, terminal)


def _write_alone(report: Report, terminal: Terminal) -> None:
    """Which failed checks pass alone."""
    for check in report.checks:
        if passes(check.alone):
            terminal.line(escape(check.nodeid), yellow=True)
            for line in alone_lines(str(check.worker), check.replay or ""):
                terminal.line(f"  {escape(line)}")  # not wrapped: the command is to be copied


def _write_left_out(report: Report, terminal: Terminal) -> None:
    """How many findings did not matter, because what they are about has not changed."""
    for check in report.checks:
        for note in check.notes:
            if note.startswith(LEFT_OUT):
                terminal.line(f"{escape(check.nodeid)} {escape(note)}")


def _write_interrupted(report: Report, terminal: Terminal) -> None:
    """What did not end by itself, when the run was broken off."""
    cancelled = [check for check in report.checks if check.outcome is Outcome.CANCELLED]
    interrupted = [check.nodeid for check in cancelled if check.message == "interrupted"]
    unstarted = sum(check.message == "never started" for check in cancelled)
    for nodeid in interrupted:
        terminal.line(f"interrupted: {escape(nodeid)}", yellow=True)
    if unstarted:
        terminal.line(f"never started: {unstarted} of {len(report.checks)} checks", yellow=True)


def _write_causes(causes: Sequence[CauseEntry], terminal: Terminal) -> None:
    if not causes:
        return
    terminal.line("look here first", bold=True)
    for number, cause in enumerate(causes, start=1):
        terminal.write(f"{number:3}. ")
        terminal.write(_place(cause), bold=True)
        terminal.write(f"  [{_kinds(cause)}]", cyan=True)
        terminal.line(_lines(cause))
        column = max(len(clue.kind) for clue in _told(cause))
        for clue in _told(cause):
            write_hanging(terminal, f"       {escape(clue.kind):{column}}  ", clue.what, cyan=True)
    terminal.line()


def _place(cause: CauseEntry) -> str:
    line = cause.lines[0] if cause.lines else cause.line
    return escape(f"{cause.path}:{line} {cause.function}".rstrip())


def _kinds(cause: CauseEntry) -> str:
    """The strongest first, as the evidence has them."""
    return " + ".join(escape(kind) for kind in dict.fromkeys(clue.kind for clue in cause.evidence))


def _lines(cause: CauseEntry) -> str:
    if len(cause.lines) <= 1:
        return ""
    listed = ", ".join(str(line) for line in cause.lines[:MOST_LINES])
    return f"  lines {listed}{', ...' if len(cause.lines) > MOST_LINES else ''}"


def _told(cause: CauseEntry) -> tuple[ClueEntry, ...]:
    return cause.evidence[:MOST_CLUES]


def _phrased(report: Report) -> list[tuple[Sighting[FindingEntry], str]]:
    """The findings that no baseline has, with phrases; gravest first, then by place.

    What several checks of a kind have found together is there once.
    """
    unchanged = frozenset(report.baseline.unchanged if report.baseline else ())
    sightings: dict[str, list[Sighting[FindingEntry]]] = defaultdict(list)
    for check in report.checks:
        new = (finding for finding in check.findings if finding.fingerprint not in unchanged)
        sightings[check.kind] += [Sighting(check.nodeid, check.name, finding) for finding in new]
    phrased = ((one[0], findings_phrase(one)) for of_kind in sightings.values() for one in merged(of_kind))
    return sorted(phrased, key=lambda each: (-each[0].finding.level.severity, *_position(each[0].finding), each[1]))


def _is_told(first: Sighting[FindingEntry], phrase: str, causes: Sequence[CauseEntry]) -> bool:
    finding = first.finding
    return any(
        cause.path == finding.path
        and (finding.line is None or finding.line in cause.lines)
        and any((clue.check, clue.what) == (first.check, phrase) for clue in _told(cause))
        for cause in causes
    )


def _position(finding: FindingEntry) -> tuple[str, int]:
    return (finding.path or "", finding.line or 0)


def _write_findings(heading: str, findings: Sequence[tuple[FindingEntry, str]], most: int, terminal: Terminal) -> None:
    if not findings:
        return
    terminal.line(heading, bold=True)
    listed = sorted(findings[:most], key=lambda each: _position(each[0]))
    for path, in_file in groupby(listed, key=lambda each: each[0].path):
        terminal.line(f"  {escape(path) if path else '(no file)'}")
        for finding, phrase in in_file:
            label = f"{finding.line or '-':>8}  {finding.level:7}  "
            write_hanging(terminal, label, phrase, **_LEVEL_MARKUP[finding.level])
    _write_more(len(findings) - len(listed), terminal)


def _write_conflicts(conflicts: Sequence[ConflictEntry], most: int, terminal: Terminal) -> None:
    if not conflicts:
        return
    terminal.line("conflicts", bold=True)
    listed = sorted(conflicts, key=lambda conflict: conflict.action is Action.SERIALIZED)[:most]
    for conflict in listed:
        markup = {} if conflict.action is Action.SERIALIZED else {"yellow": True}
        text = f"{conflict.left} and {conflict.right}: {conflict.reason}"
        write_hanging(terminal, f"  {conflict.action:10}  ", text, **markup)
    _write_more(len(conflicts) - len(listed), terminal)


def _write_groups(report: Report, terminal: Terminal) -> None:
    """How each group was decided of which not all had to pass."""
    told = [group for group in report.groups if group.wait != "all"]
    for group in told:
        markup = {} if group.passed else {"red": True}
        terminal.line(escape(f"group {group.name} (wait {group.wait}): {_verdict(group, report)}"), **markup)
    if told:
        terminal.line()


def _verdict(group: GroupEntry, report: Report) -> str:
    if group.passed:
        after = f" after {seconds(group.seconds)}" if group.seconds is not None else ""
        return f"met by {group.decided_by}{after}"
    members = frozenset(group.members)
    passes = sum(check.nodeid in members and check.outcome.good for check in report.checks)
    needed = 1 if group.wait == "any" else int(group.wait)
    return f"failed, {passes} passed, {needed} {'is' if needed == 1 else 'are'} needed"


def _write_baseline(baseline: Baseline, verbosity: int, terminal: Terminal) -> None:
    new, fixed, unchanged = len(baseline.new), len(baseline.fixed), len(baseline.unchanged)
    markup = {"red": True} if new or baseline.regressions else {}
    terminal.line(f"baseline: {new:,} new, {fixed:,} fixed, {unchanged:,} unchanged findings", bold=True, **markup)
    most = len(baseline.regressions) if verbosity > 0 else MOST_REGRESSIONS
    for entry in baseline.regressions[:most]:
        write_hanging(terminal, "  worse  ", f"{entry.check}: {_regression(entry)}", red=True)
    _write_more(len(baseline.regressions[most:]), terminal)


def _regression(entry: RegressionEntry) -> str:
    if isinstance(entry.now, Outcome) or isinstance(entry.before, Outcome | None):
        return f"{entry.now}, and {entry.before or 'not there'} before"
    return regression_phrase(entry.measurement or "", entry.what, entry.before, entry.now, entry.tolerance or 0)


def _write_more(number: int, terminal: Terminal) -> None:
    if number:
        terminal.line(f"  {more(number)}")
    terminal.line()


def _write_arithmetic(timing: Timing, run: Run, terminal: Terminal) -> None:
    if timing.speedup is None or timing.efficiency is None:
        terminal.line("nothing ran", bold=True)
        return
    where = f"on {counted(run.workers, 'worker')}" if run.workers else "in one process"
    gain = (
        f"sequential {seconds(timing.sequential)} / makespan {seconds(timing.makespan)}"
        f" = speedup {timing.speedup:.1f} {where};"
    )
    limit = f"lower bound {seconds(timing.lower_bound)} (efficiency {timing.efficiency:.0%})"
    fits = len(gain) + len(limit) < terminal.fullwidth
    terminal.line(f"{gain} {limit}" if fits else f"{gain}\n{limit}", bold=True)
