"""The list of findings in the terminal: each once, gravest first, and many that are alike in one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_checks import FindingEntry
from pytest_parallel_agents.reports.new_findings import Listed
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.terminal.text import Terminal, write_hanging, write_more

MOST_FINDINGS: Final = 20
MANY_ALIKE: Final = 4
"""This many findings of one rule become one line, where there is no room for all findings."""

SHORT: Final = 150
"""Characters of a message that fit the list: three lines beside the places."""

_LEVEL_MARKUP: Final = {Level.ERROR: {"red": True}, Level.WARNING: {"yellow": True}, Level.NOTE: {"blue": True}}


def are_short(findings: Sequence[FindingEntry]) -> bool:
    """Whether their lines in the list show all of them."""
    return all(len(each.message) <= SHORT and "\n" not in each.message.strip() for each in findings)


def write_findings(heading: str, findings: Sequence[Listed], terminal: Terminal, *, verbose: bool) -> None:
    """By file. Unless `verbose`, at most 20 lines, of which one stands for many that are alike."""
    if not findings:
        return
    terminal.line(heading, bold=True)
    many_alike = {} if verbose or len(findings) <= MOST_FINDINGS else _many_alike(findings)
    single = [each for each in findings if _likeness(each) not in many_alike]
    room = len(single) if verbose else max(0, MOST_FINDINGS - len(many_alike))
    _write_by_file(sorted(single[:room], key=lambda each: each.place), terminal)
    for alike in list(many_alike.values())[:MOST_FINDINGS]:
        _write_alike(alike, terminal)
    unlisted = sum(map(len, list(many_alike.values())[MOST_FINDINGS:]))
    write_more(len(single[room:]) + unlisted, terminal)


def _likeness(listed: Listed) -> tuple[str, str, Level]:
    return listed.first.check, listed.finding.rule, listed.finding.level


def _many_alike(findings: Sequence[Listed]) -> dict[tuple[str, str, Level], list[Listed]]:
    """Findings of which there are many alike, in the order in which they are listed."""
    alike: dict[tuple[str, str, Level], list[Listed]] = defaultdict(list)
    for each in findings:
        alike[_likeness(each)].append(each)
    return {key: members for key, members in alike.items() if len(members) >= MANY_ALIKE}


def _write_by_file(findings: Sequence[Listed], terminal: Terminal) -> None:
    for path, in_file in groupby(findings, key=lambda each: each.finding.path):
        terminal.line(f"  {escape(path) if path else '(no file)'}")
        for listed in in_file:
            label = f"{listed.finding.line or '-':>8}  {listed.finding.level:7}  "
            write_hanging(terminal, label, listed.phrase, **_LEVEL_MARKUP[listed.finding.level])


def _write_alike(alike: Sequence[Listed], terminal: Terminal) -> None:
    first = min(alike, key=lambda each: each.place)
    files = len({each.finding.path for each in alike})
    where = f"  {counted(len(alike), 'finding')} of one rule in {counted(files, 'file')}, first at"
    terminal.line(f"{where} {escape(first.finding.path or '(no file)')}:{first.finding.line or '-'}")
    label = f"{'':8}  {first.finding.level:7}  "
    write_hanging(terminal, label, first.phrase, **_LEVEL_MARKUP[first.finding.level])
