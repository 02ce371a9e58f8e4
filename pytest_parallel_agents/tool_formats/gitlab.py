"""GitLab's Code Quality JSON, a subset of Code Climate's: https://docs.gitlab.com/ci/testing/code_quality/."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats.decoding import parse, shaped
from pytest_parallel_agents.tool_formats.locating import Locator, Prefix, path_map
from pytest_parallel_agents.tool_formats.output import Output, Reader

_LEVELS = {
    "info": Level.NOTE,
    "minor": Level.WARNING,
    "major": Level.ERROR,
    "critical": Level.ERROR,
    "blocker": Level.ERROR,
}


class _Lines(msgspec.Struct):
    begin: int | None = None
    end: int | None = None


class _Point(msgspec.Struct):
    line: int | None = None


class _Positions(msgspec.Struct):
    begin: _Point = msgspec.field(default_factory=_Point)
    end: _Point = msgspec.field(default_factory=_Point)


class _Location(msgspec.Struct):
    path: str = ""
    lines: _Lines | None = None
    positions: _Positions = msgspec.field(default_factory=_Positions)

    def span(self) -> tuple[int | None, int | None]:
        """First and last line."""
        if self.lines:
            return self.lines.begin, self.lines.end
        return self.positions.begin.line, self.positions.end.line


class _Violation(msgspec.Struct):
    description: str
    location: _Location = msgspec.field(default_factory=_Location)
    check_name: str = ""
    severity: Literal["info", "minor", "major", "critical", "blocker"] = "major"


def configured(table: Table) -> Reader:
    return partial(read, prefixes=path_map(table))


def read(output: Output, root: Path, prefixes: tuple[Prefix, ...] = ()) -> Evidence:
    violations = shaped(parse(output.stdout, nulls=False), list[_Violation])
    locator = Locator(root, prefixes)
    return Evidence(findings=tuple(_finding(violation, locator) for violation in violations))


def _finding(violation: _Violation, locator: Locator) -> Finding:
    line, end_line = violation.location.span()
    return locator.finding(
        rule=violation.check_name,
        level=_LEVELS[violation.severity],
        message=violation.description,
        paths=(violation.location.path,),
        line=line,
        end_line=end_line,
    )
