"""Which lines of a project's functions are executed, in all threads, while recording is on.

Code of modules and classes is left out: it runs when something is imported first, whichever check that is.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import CodeType
from typing import Protocol

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins

Lines = Mapping[str, frozenset[int]]
"""Path: lines that were executed."""

Place = Callable[[str], str | None]
"""The path of a project's file, from the file name that its code has; None for any other file."""


class CannotRecord(Exception):
    """Another tool traces. The text fits after "because"."""


class LineCoverage(Protocol):
    """Recording is off at first. What has been recorded stays until it is forgotten."""

    def start(self) -> None:
        """Record from now on. Raises CannotRecord."""

    def stop(self) -> None:
        """Record nothing until the next start. Raises CannotRecord if another tool has ended the recording."""

    def paused(self) -> AbstractContextManager[None]:
        """Within the block this thread's lines are not recorded."""

    def seen(self) -> Lines:
        """What has been recorded until now. May be asked from any thread."""

    def forget(self) -> None:
        """Begin with nothing."""


def line_coverage(place: Place) -> LineCoverage:
    """What this interpreter offers. Raises CannotRecord."""
    if sys.version_info >= (3, 12):
        from pytest_parallel_agents.runtest.monitored_lines import MonitoredLines

        return MonitoredLines(place)
    from pytest_parallel_agents.runtest.traced_lines import TracedLines

    return TracedLines(place)


class Recorded:
    """Lines by the names of files. Files that are not the project's have no set."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._sets: dict[str, set[int] | None] = {}
        self._paths: dict[str, str] = {}

    def of(self, code: CodeType) -> set[int] | None:
        """Where the lines of this code go; None if they are not recorded."""
        if not code.co_flags & inspect.CO_OPTIMIZED:
            return None  # a module's or a class's
        name = code.co_filename
        if name not in self._sets:
            path = self._place(name)
            self._sets[name] = None if path is None else set()
            self._paths[name] = path or ""
        return self._sets[name]

    def seen(self) -> Lines:
        found: dict[str, frozenset[int]] = {}
        for name, lines in list(self._sets.items()):
            if lines:
                path = self._paths[name]
                found[path] = found.get(path, frozenset()) | frozenset(lines)
        return found

    def forget(self) -> None:
        for lines in self._sets.values():
            if lines is not None:
                lines.clear()
