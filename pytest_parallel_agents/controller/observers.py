"""Observers of a run in progress."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from pytest_parallel_agents.runtest.live_output import Line


class Observer(Protocol):
    """Called with progress as it happens. Times are seconds since the run's start."""

    def batch(self) -> AbstractContextManager[None]:
        """Output within the block may be shown at its end."""

    def finished(self, check: int) -> None:
        """A check is over; its result is known."""

    def running(self, now: float, checks: Sequence[tuple[int, str, float]]) -> None:
        """The running checks: (check, worker, start). Nothing has finished for a while, or a signal has
        requested it.
        """

    def printed(self, line: Line) -> None:
        """A line of output under `-s`."""

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        """A check has been running for another period, `seconds` in all. `where` it is may be empty."""

    def noted(self, text: str) -> None:
        """Something happened that people should know at once."""
