"""The last lines of the summary: what to do next, as commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.first_causes import advice
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.text import wrapped

_INDENT = " " * len("next: ")
_LONGEST: Final = 300
"""Characters of an id in a command. Cut or escaped it would name something else."""


class Commands(NamedTuple):
    """What can be run after this run; empty where that is not possible.

    `rerun` runs again what failed, `explain` takes a place's number or a check, and `page` writes a report to read.
    """

    rerun: str = ""
    explain: str = ""
    page: str = ""


NO_COMMANDS: Final = Commands()


def next_steps(report: Report, causes: Sequence[CauseEntry], commands: Commands, width: int) -> list[str]:
    """Lines for a terminal of that width; none where nothing has to be done.

    After a run that passed nothing is to be run again: what failed belongs to a group that passed, and to pytest's
    `--lf` it did not fail.
    """
    if not report.run.exit_code:
        commands = commands._replace(rerun="")
    failed = next((check.nodeid for check in report.checks if check.outcome.bad), "")
    steps = list(_steps(causes, failed, commands)) if causes or failed else []
    if not steps:
        return []
    first = f"{advice(causes[0])}, then run again what failed:" if causes else "run again what failed:"
    column = max(len(command) for command, _ in steps)
    return [
        *wrapped(f"next: {first}" if commands.rerun else "next:", width),
        *(_line(command, purpose and f"{command:{column}}  # {purpose}", width) for command, purpose in steps),
    ]


def _line(command: str, explained: str, width: int) -> str:
    """Not wrapped: it is to be copied."""
    return _INDENT + (explained if explained and len(_INDENT) + len(explained) <= width else command)


def _steps(causes: Sequence[CauseEntry], failed: str, commands: Commands) -> Iterator[tuple[str, str]]:
    """Commands, and what each is for."""
    if commands.rerun:
        yield commands.rerun, ""
    what = "1" if causes else shlex.quote(failed)
    if commands.explain and what.isprintable() and len(what) <= _LONGEST:
        yield f"{commands.explain} {what}", "all of the first place" if causes else "all of this check"
    if commands.page:
        yield commands.page, "the whole run in a browser"
