"""What is shown of a run while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from pytest_parallel_agents.runtest.live_output import Line


class Observer(Protocol):
    """Is called with progress as it happens. Times are seconds since the run's start."""

    def batch(self) -> AbstractContextManager[None]:
        """What is reported within the block may be shown at its end."""

    def finished(self, check: int) -> None:
        """A check is over; its result is known."""

    def running(self, now: float, checks: Sequence[tuple[int, str, float]]) -> None:
        """What runs: (check, worker, start). Nothing has finished for a while, or somebody has asked."""

    def printed(self, line: Line) -> None:
        """A line of output under `-s`."""

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        """A check has been running for another period of `seconds` in all. `where` it stands may be empty."""

    def noted(self, text: str) -> None:
        """Something happened that people should know of at once."""
