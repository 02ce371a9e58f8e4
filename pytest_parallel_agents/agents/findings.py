"""The `findings` fixture: how a check written in Python reports what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.project_paths import place


class Findings:
    """The findings of one check so far.

    `name` is the rule of findings that name none; `record` is called with each finding as it is added, and
    `set_fail_on` with the level from which findings make the check fail.
    """

    def __init__(
        self, *, name: str, root: Path, record: Callable[[Finding], None], set_fail_on: Callable[[Level], None]
    ) -> None:
        self._name = name
        self._root = root
        self._record = record
        self._set_fail_on = set_fail_on
        self._findings: list[Finding] = []

    def add(
        self,
        message: str,
        *,
        path: str | PathLike[str] | None = None,
        line: int | None = None,
        end_line: int | None = None,
        rule: str | None = None,
        level: Level | str = Level.ERROR,
    ) -> None:
        """Add one finding.

        `path` is absolute or relative to the root; lines count from 1. Raises ValueError for an unknown level and for
        impossible lines.
        """
        _check_lines(line, end_line)
        finding = Finding(
            rule=rule or self._name,
            level=_level(level),
            message=message,
            path=None if path is None else place(path, self._root),
            line=line,
            end_line=end_line,
        )
        self._findings.append(finding)
        self._record(finding)

    def fail_on(self, level: Level | str) -> None:
        """Let findings of `level` and graver make the check fail, also those that were added before.

        Without it only errors do. Raises ValueError for an unknown level.
        """
        self._set_fail_on(_level(level))

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)


def _level(level: str) -> Level:
    if level not in list(Level):
        raise ValueError(f"level must be one of {', '.join(Level)}, not {level!r}")
    return Level(level)


def _check_lines(line: int | None, end_line: int | None) -> None:
    if line is not None and line < 1:
        raise ValueError(f"lines count from 1, so line cannot be {line}")
    if end_line is not None and (line is None or end_line < line):
        raise ValueError(f"end_line {end_line} needs a line that is not after it, not {line}")
