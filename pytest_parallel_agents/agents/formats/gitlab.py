"""GitLab's Code Quality JSON, a subset of Code Climate's: https://docs.gitlab.com/ci/testing/code_quality/."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.agents.formats.decoding import decode
from pytest_parallel_agents.agents.output import Output
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Finding, Level

_LEVELS = {
    "info": Level.NOTE,
    "minor": Level.WARNING,
    "major": Level.ERROR,
    "critical": Level.ERROR,
    "blocker": Level.ERROR,
}


class _Lines(msgspec.Struct):
    begin: int
    end: int | None = None


class _Point(msgspec.Struct):
    line: int


class _Positions(msgspec.Struct):
    begin: _Point
    end: _Point | None = None


class _Location(msgspec.Struct):
    path: str
    lines: _Lines | None = None
    positions: _Positions | None = None

    def span(self) -> tuple[int | None, int | None]:
        """First and last line."""
        if self.lines:
            return self.lines.begin, self.lines.end
        if self.positions:
            return self.positions.begin.line, self.positions.end.line if self.positions.end else None
        return None, None


class _Violation(msgspec.Struct):
    description: str
    location: _Location
    check_name: str = ""
    severity: Literal["info", "minor", "major", "critical", "blocker"] = "major"


def read(output: Output, root: Path) -> Evidence:
    return Evidence(findings=tuple(_finding(violation, root) for violation in decode(output.stdout, list[_Violation])))


def _finding(violation: _Violation, root: Path) -> Finding:
    line, end_line = violation.location.span()
    return Finding(
        rule=violation.check_name,
        level=_LEVELS[violation.severity],
        message=violation.description,
        path=place(violation.location.path, root),
        line=line,
        end_line=end_line,
    )
