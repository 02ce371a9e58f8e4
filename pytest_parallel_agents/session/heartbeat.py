"""What people see of checks that run and print nothing: an area that is redrawn in place, or a line now and then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import inf
from typing import Any, Final, Protocol

import pytest
from _pytest.compat import running_on_ci

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.terminal.live_area import LiveArea
from pytest_parallel_agents.reports.terminal.progress import Running
from pytest_parallel_agents.runtest.buffered_writes import BufferedWrites
from pytest_parallel_agents.runtest.live_output import is_live

FIRST_PAUSE: Final = 10.0
LONGEST_PAUSE: Final = 60.0
"""Seconds without any output, after which a line is written. CI services take a silent job for a dead one."""

_REDRAWN_AFTER: Final = 0.1
_LOOKED_AFTER: Final = 0.5


class Pulse(Protocol):
    """Times are seconds since the run's start."""

    @property
    def due(self) -> float:
        """When to look next, even if nothing happens."""

    def shown(self) -> AbstractContextManager[None]:
        """Within the block `look` is called when it is due."""

    def look(self, now: float, running: Callable[[], Sequence[Running]]) -> None:
        """Shows what is due."""

    def finished(self, check: int, outcome: Outcome, seconds: float) -> None:
        """A check is over."""


class Silence:
    """Where there is no terminal, or little is wanted."""

    due = inf

    def shown(self) -> AbstractContextManager[None]:
        return nullcontext()

    def look(self, now: float, running: Callable[[], Sequence[Running]]) -> None: ...

    def finished(self, check: int, outcome: Outcome, seconds: float) -> None: ...


class Heartbeat(Silence):
    """Calls `show` when `released`, which grows with all output, has not grown for a while. Pauses become longer."""

    def __init__(self, released: Callable[[], int], show: Callable[[float, Sequence[Running]], None]) -> None:
        self._released = released
        self._show = show
        self._seen = -1
        self._pause = FIRST_PAUSE
        self.due = 0.0

    def look(self, now: float, running: Callable[[], Sequence[Running]]) -> None:
        if self._released() != self._seen:
            self._pause = FIRST_PAUSE
        elif now < self.due:
            return
        else:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            if checks := running():
                self._show(now, checks)
        self._seen = self._released()
        self.due = now + self._pause


class Live:
    """Draws the area below the text of the terminal `buffer` stands in for."""

    def __init__(self, area: LiveArea, buffer: BufferedWrites) -> None:
        self._area = area
        self._buffer = buffer
        self._looked = -inf
        self.finished = area.finished

    @property
    def due(self) -> float:
        return self._looked + (_REDRAWN_AFTER if self._buffer.is_pending else _LOOKED_AFTER)

    def shown(self) -> AbstractContextManager[None]:
        return self._buffer.area()

    def look(self, now: float, running: Callable[[], Sequence[Running]]) -> None:
        if now >= self.due:
            self._looked = now
            columns, rows = self._size()
            self._buffer.draw(self._area.lines(now, running(), columns, rows))

    def _size(self) -> tuple[int, int]:
        """That of now: people resize their terminals. COLUMNS may be wider than it is, and some know no size."""
        try:
            columns, rows = os.get_terminal_size(self._buffer.fileno())
        except OSError:
            columns, rows = 0, 0
        return columns or 80, rows or 24


def can_be_live(config: pytest.Config, file: Any) -> bool:
    """Whether there is a screen whose text can be redrawn, and nothing else that writes to it."""
    has_screen = file.isatty() and os.environ.get("TERM", "dumb") != "dumb" and sys.platform != "win32"
    logging: Any = config.pluginmanager.getplugin("logging-plugin")
    logs_live = logging is not None and logging._log_cli_enabled()  # noqa: SLF001
    is_wanted = config.getini("console_output_style") != "classic" and not running_on_ci()
    return has_screen and is_wanted and not (logs_live or is_live(config))
