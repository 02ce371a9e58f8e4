"""Locates the findings in an output: their paths and lines, by the same rules for every format.

A tool writes paths of the place where it runs, which may be a container, another system or the head of a diff. A path
that exists is used as it is. Otherwise its possible spellings are tried, and when none of them exists either, the
plainest is kept: a finding is never dropped for its path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats.output import Unreadable

MOST_LINE: Final = 2**31 - 1
"""A greater number is no line: no file has so many, and other programs cannot read it."""

_DIFF_SIDES: Final = ("a/", "b/")


class Prefix(NamedTuple):
    """A folder as a command writes it, and its replacement: absolute, or relative to where it runs."""

    written: str
    meant: str


def path_map(table: Table) -> tuple[Prefix, ...]:
    """The key `path-map` of a command's table, the longest prefixes first."""
    entries = table.table("path-map")
    prefixes = [Prefix(_slashed(written).rstrip("/"), entries.text(written)) for written in entries]
    return tuple(sorted(prefixes, key=lambda prefix: len(prefix.written), reverse=True))


class Locator:
    """Makes the findings of one output from their parts. Relative paths in it are relative to `root`."""

    def __init__(self, root: Path, prefixes: tuple[Prefix, ...] = ()) -> None:
        self._root = root
        self._prefixes = prefixes
        self._paths: dict[tuple[str, ...], str] = {}

    def finding(
        self,
        *,
        message: str,
        rule: str = "",
        level: Level = Level.ERROR,
        paths: Iterable[str] = (),
        line: int | None = None,
        end_line: int | None = None,
    ) -> Finding:
        """A finding. `paths` are the spellings of its path, the one in the output first; empty ones do not count.

        A line below 1, or one that no file has, is none. Raises Unreadable for what can be no path.
        """
        path = self.path(*filter(None, paths))
        first = _line(line)
        last = _line(end_line)
        has_end = first is not None and last is not None and last >= first
        return Finding(
            rule=rule, level=level, message=message, path=path, line=first, end_line=last if has_end else None
        )

    def path(self, *written: str) -> str | None:
        """The place of a path that can be written in these ways, the first of them as in the output; None
        without any.
        """
        if written and written not in self._paths:
            self._paths[written] = self._place(written)
        return self._paths.get(written)

    def _place(self, written: tuple[str, ...]) -> str:
        spellings = dict.fromkeys(spelling for text in written for spelling in self._spellings(text))
        present = (path for path in spellings if os.path.exists(os.path.join(self._root, path)))
        try:
            return place(next(present, None) or self._mapped(_slashed(written[-1])), self._root)
        except ValueError as error:
            raise Unreadable(f"its output cannot be read: {error}") from error

    def _spellings(self, path: str) -> Iterator[str]:
        yield self._mapped(path)
        yield self._mapped(_slashed(path))
        if path.startswith(_DIFF_SIDES):
            yield path[2:]

    def _mapped(self, path: str) -> str:
        slashed = _slashed(path)
        for written, meant in self._prefixes:
            if slashed == written or slashed.startswith(f"{written}/"):
                return os.path.join(meant, slashed[len(written) + 1 :])
        return path


def _slashed(path: str) -> str:
    """The path with the separators that every system understands."""
    return path.replace("\\", "/")


def _line(number: int | None) -> int | None:
    return number if number is not None and 1 <= number <= MOST_LINE else None
