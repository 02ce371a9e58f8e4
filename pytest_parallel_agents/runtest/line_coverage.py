"""Which lines of a project's functions are executed, in all threads, while recording is on.

Code of modules and classes is left out: it runs when something is imported first, whichever check that is.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import CodeType, TracebackType
from typing import Final, NamedTuple, Protocol

from pytest_parallel_agents.early_bound import builtins, traceback

__builtins__ = builtins

Lines = Mapping[str, frozenset[int]]
"""Path: lines that were executed."""

Place = Callable[[str], str | None]
"""The path of a project's file, from the file name that its code has; None for any other file."""


MOST_ERRORS: Final = 8
"""How many errors may be on their way, each while what the one before executes on its way runs."""


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

    def forget_since(self, error: BaseException) -> None:
        """Forget what was executed only because of this error: its message, handlers and clean-up on its way."""


class Recorded:
    """Lines by the names of files. Files that are not the project's have no set."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._sets: dict[str, set[int] | None] = {}
        self._paths: dict[str, str] = {}
        self._order: list[tuple[set[int], int]] = []
        self._raised: list[_Raised] = []

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
        self._order.clear()
        self._raised.clear()

    def add(self, lines: set[int], line: int) -> None:
        """A line that has not been seen before, of the code whose lines these are."""
        lines.add(line)
        self._order.append((lines, line))

    def raised(self, error: BaseException, traceback: TracebackType | None) -> None:
        """An error is raised, or leaves a frame more on its way.

        Others that were raised meanwhile have been handled, by clean-up on its way.
        """
        depth = 0
        while traceback is not None:
            depth, traceback = depth + 1, traceback.tb_next
        for place, before in enumerate(self._raised):
            if before.error == id(error) and before.depth < depth:
                self._raised[place:] = [before._replace(depth=depth)]
                return
        earlier = self._raised[-1].position if self._raised else 0
        self._raised = [
            *(before for before in self._raised[-MOST_ERRORS:] if before.error != id(error)),
            _Raised(id(error), depth, len(self._order), earlier),
        ]

    def forget_since(self, error: BaseException) -> None:
        raised = next((each for each in self._raised if each.error == id(error)), None)
        if raised is not None:
            begin = self._begin_of_raise(error, raised)
            for lines, line in self._order[begin:]:
                lines.discard(line)
            del self._order[begin:]

    def _begin_of_raise(self, error: BaseException, raised: _Raised) -> int:
        """How many lines had been seen when the `raise` statement was reached, which made the error and its message.

        If it was reached before, when another error was raised, that is not known.
        """
        *_, (frame, number) = traceback.walk_tb(error.__traceback__)
        name = frame.f_code.co_filename
        lines = self._sets.get(name)
        if lines is not None and linecache.getline(name, number).lstrip().startswith("raise"):
            for place in range(raised.earlier, raised.position):
                if self._order[place][0] is lines and self._order[place][1] == number:
                    return place + 1
        return raised.position


class _Raised(NamedTuple):
    """Identity of an error, how many frames its traceback had, and how many lines had been seen before it, and before
    the one before.

    An error itself is not kept: with it all would live that its frames refer to.
    """

    error: int
    depth: int
    position: int
    earlier: int
