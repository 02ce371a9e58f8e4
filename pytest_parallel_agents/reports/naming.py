"""Finds a check or a cause of a report by what a person calls it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.first_causes import first_causes
from pytest_parallel_agents.reports.report import Report

_PLACE: Final = re.compile(r"(.+):(\d+)")
_MOST_NAMED: Final = 5
_LONGEST: Final = 200


def named(report: Report, what: str) -> CheckEntry | CauseEntry:
    """The check with this node id or name, or the cause with this number, place (`path:line`) or function.

    Raises AgentsError, which suggests what is similar, when there is none or several.
    """
    exact = next((check for check in report.checks if check.nodeid == what), None)
    if exact is not None:
        return exact
    if what.isascii() and what.isdigit():
        return _numbered(report, int(what))
    checks = [check for check in report.checks if check.nodeid.endswith(f"::{what}")]
    found: list[CheckEntry | CauseEntry] = [*_causes(report, what), *checks]
    if len(found) == 1:
        return found[0]
    if found:
        raise AgentsError(f"{_shown(what)} can be {len(found)} things", hint=f"name one: {_listed(map(_id, found))}")
    raise AgentsError(f"the last report has no check and no cause {_shown(what)}", hint=_similar(report, what))


def _numbered(report: Report, number: int) -> CauseEntry:
    causes = first_causes(report)
    if 1 <= number <= len(causes):
        return causes[number - 1]
    raise AgentsError(
        f"there is no cause {number}", hint=f"the causes are 1 to {len(causes)}" if causes else "the report names none"
    )


def _causes(report: Report, what: str) -> list[CauseEntry]:
    place = _PLACE.fullmatch(what)
    if place and (at := [cause for cause in report.causes if _is_at(cause, place[1], int(place[2]))]):
        return at[:1]  # the likeliest: causes may be nested
    by_name = [cause for cause in report.causes if what in (cause.function, f"{cause.path}::{cause.function}")]
    return by_name or [cause for cause in report.causes if cause.function.rpartition(".")[2] == what]


def _is_at(cause: CauseEntry, path: str, line: int) -> bool:
    lines = (cause.line, *(each.line for each in cause.lines))
    return cause.path == path.removeprefix("./") and (cause.line <= line <= cause.end_line or line in lines)


def _similar(report: Report, what: str) -> str:
    names = [
        *(check.nodeid for check in report.checks),
        *(f"{cause.path}::{cause.function}" for cause in report.causes),
    ]
    inside = [name for name in names if what.casefold() in name.casefold()]
    ends = {name.rpartition("::")[2]: name for name in names}
    near = [ends[end] for end in difflib.get_close_matches(what.rpartition("::")[2], ends, n=_MOST_NAMED)]
    similar = inside or near
    return f"did you mean {_listed(similar)}?" if similar else "see the report of the run for what there is"


def _id(found: CheckEntry | CauseEntry) -> str:
    return found.nodeid if isinstance(found, CheckEntry) else f"{found.path}:{found.line}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_shown(name) for name in islice(names, _MOST_NAMED))


def _shown(name: str) -> str:
    return cut(escape(name), _LONGEST)
