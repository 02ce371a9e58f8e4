"""Line coverage by a trace function, before Python 3.12.

It tells in which order lines are executed and errors raised, which no tracer of others does. Of checks that pass that
does not matter: see `quick_lines`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from pytest_parallel_agents.early_bound import builtins, threading
from pytest_parallel_agents.runtest.line_coverage import CannotRecord, Lines, Place, Recorded

__builtins__ = builtins


class _TracedCode:
    """A function of the project: what sees its lines, and whether there is one that has not been seen."""

    def __init__(self, code: CodeType, seen: set[int], recorded: Recorded) -> None:
        self._seen = seen
        lines = {line for _, _, line in code.co_lines() if line is not None}
        self._lines = lines - {code.co_firstlineno} or lines

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            line = frame.f_lineno
            if line not in seen:
                recorded.add(seen, line)
            if event == "exception":
                recorded.raised(argument[1], argument[2])
            return trace

        self._trace = trace

    @property
    def trace(self) -> Any:
        return None if self._lines <= self._seen else self._trace


class TracedLines:
    """Each thread has its trace function. The interpreter calls it for each line of functions that are traced."""

    def __init__(self, place: Place) -> None:
        self._recorded = Recorded(place)
        self._codes: dict[int, _TracedCode | None] = {}
        self._kept: list[CodeType] = []
        self._is_on = False

    def start(self) -> None:
        """Record from now on. Raises CannotRecord."""
        if sys.gettrace() not in (None, self._call):
            raise CannotRecord("another tool traces the process, and before Python 3.12 there can be only one")
        self._is_on = True
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> None:
        """Record nothing until the next start. Raises CannotRecord if another tool has ended the recording."""
        self._is_on = False
        if sys.gettrace() != self._call:
            raise CannotRecord("the check has replaced the trace function")
        sys.settrace(None)
        threading.settrace(None)

    @contextmanager
    def paused(self) -> Iterator[None]:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            yield
        finally:
            sys.settrace(tracer)

    def seen(self) -> Lines:
        return self._recorded.seen()

    def forget(self) -> None:
        self._recorded.forget()

    def forget_since(self, error: BaseException) -> None:
        self._recorded.forget_since(error)

    def _call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        try:
            traced = self._codes[id(code)]
        except KeyError:
            traced = self._look(code)
        return traced.trace if traced is not None and self._is_on else None

    def _look(self, code: CodeType) -> _TracedCode | None:
        lines = self._recorded.of(code)
        self._codes[id(code)] = traced = None if lines is None else _TracedCode(code, lines, self._recorded)
        self._kept.append(code)  # kept, or another one could get its identity
        return traced
