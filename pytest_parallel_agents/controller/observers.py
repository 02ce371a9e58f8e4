"""Observers of a run in progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from pytest_parallel_agents.runtest.live_output import Line

Attempts: TypeAlias = Sequence[tuple[int, str, float]]
"""Attempts that run: (check, worker, start)."""


class Observer(Protocol):
    """Called with progress as it happens. Times are seconds since the run's start."""

    @property
    def due(self) -> float:
        """When `look` is to be called next, even if nothing happens."""

    def watched(self) -> AbstractContextManager[None]:
        """Within the block `look` is called whenever something may have happened."""

    def look(self, now: float, running: Callable[[], Attempts]) -> None:
        """Shows how far the run is, where that is due."""

    def batch(self) -> AbstractContextManager[None]:
        """Output within the block may be shown at its end."""

    def finished(self, check: int) -> None:
        """A check is over; its result is known."""

    def running(self, now: float, checks: Attempts) -> None:
        """The running checks. A signal has requested it, or the run ends early."""

    def printed(self, line: Line) -> None:
        """A line of output under `-s`."""

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        """A check has been running for another period, `seconds` in all. `where` it is may be empty."""

    def progressed(self, text: str) -> None:
        """How far it is with what is done after the checks."""

    def noted(self, text: str) -> None:
        """Something happened that people should know at once."""
