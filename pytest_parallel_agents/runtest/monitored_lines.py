"""Line coverage by `sys.monitoring`, from Python 3.12 on: each line costs something once, and is then disabled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any, Final

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.runtest.line_coverage import CannotRecord, Lines, Place, Recorded

__builtins__ = builtins

_TOOL: Final = "pytest-parallel-agents"
_NUMBERS: Final = (4, 1, 0, 5, 2, 3)
"""The tools' numbers, those first that no tool is known to take."""

_NO_TOOL: Final = -1


class MonitoredLines:
    """Functions of the project have their lines reported, all others only that they begin."""

    def __init__(self, place: Place) -> None:
        self._recorded = Recorded(place)
        self._monitoring: Any = getattr(sys, "monitoring")  # noqa: B009 - Python 3.11, for which types are checked, has none
        self._events = self._monitoring.events
        self._tool = _NO_TOOL
        self._is_paused = True

    def start(self) -> None:
        """Record from now on. Raises CannotRecord."""
        if not self._has_tool:
            self._take_tool()
        self._is_paused = False
        self._monitoring.set_events(self._tool, self._events.PY_START | self._events.RAISE)
        self._monitoring.restart_events()

    def stop(self) -> None:
        """Record nothing until the next start. Raises CannotRecord if another tool has ended the recording."""
        self._is_paused = True
        if not self._has_tool:
            raise CannotRecord("the check has ended the monitoring of its lines")
        self._monitoring.set_events(self._tool, 0)

    @contextmanager
    def paused(self) -> Iterator[None]:
        was_paused, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = was_paused

    def seen(self) -> Lines:
        return self._recorded.seen()

    def forget(self) -> None:
        self._recorded.forget()

    def forget_since(self, error: BaseException) -> None:
        self._recorded.forget_since(error)

    @property
    def _has_tool(self) -> bool:
        return self._tool != _NO_TOOL and self._monitoring.get_tool(self._tool) == _TOOL

    def _take_tool(self) -> None:
        free = [number for number in _NUMBERS if self._monitoring.get_tool(number) is None]
        if not free:
            raise CannotRecord("other tools have taken all places that sys.monitoring has")
        self._tool = free[0]
        self._monitoring.use_tool_id(self._tool, _TOOL)
        self._monitoring.set_events(self._tool, 0)  # a number that was freed still has those of its last tool
        self._monitoring.register_callback(self._tool, self._events.PY_START, self._begin)
        self._monitoring.register_callback(self._tool, self._events.LINE, self._line)
        self._monitoring.register_callback(self._tool, self._events.RAISE, self._raise)

    def _begin(self, code: CodeType, _offset: int) -> object:
        if self._recorded.of(code) is not None and self._has_tool:
            self._monitoring.set_local_events(self._tool, code, self._events.LINE)
        return self._monitoring.DISABLE

    def _line(self, code: CodeType, line: int) -> object:
        if self._is_paused:
            return None  # it may be executed in earnest later
        lines = self._recorded.of(code)
        if lines is not None and line not in lines:
            self._recorded.add(lines, line)
        return self._monitoring.DISABLE

    def _raise(self, _code: CodeType, _offset: int, error: BaseException) -> None:
        if not self._is_paused:
            self._recorded.raised(error, error.__traceback__)
