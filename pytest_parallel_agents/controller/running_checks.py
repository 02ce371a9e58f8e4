"""Which check runs where since when, and who is to be told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from pytest_parallel_agents.runtest.live_output import Line

QUIET_SECONDS = 10.0


class Watcher(Protocol):
    """Is told of progress as it happens. Times are seconds since the run's start."""

    def batch(self) -> AbstractContextManager[None]:
        """What is told within the block may be shown at its end."""

    def finished(self, check: int) -> None:
        """A check is over; its result is in the ledger."""

    def running(self, now: float, checks: Sequence[tuple[int, str, float]]) -> None:
        """What runs: (check, worker, start). Nothing has finished for a while, or somebody has asked."""

    def printed(self, line: Line) -> None:
        """A line of output under `-s`."""

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        """A check has been running for another period of `seconds` in all. `where` it stands may be empty."""

    def noted(self, text: str) -> None:
        """Something happened that people should know of at once."""


class RunningChecks:
    """Watches over the running checks: one per worker. `where` tells in which set-up a worker stands, if in any."""

    def __init__(self, watcher: Watcher, where: Callable[[str], str], *, slow: float, now: float) -> None:
        self._watcher = watcher
        self._where = where
        self._slow = slow
        self._quiet_since = now
        self._running: dict[str, tuple[int, float]] = {}
        self._next_notice: dict[str, float] = {}

    @property
    def running(self) -> tuple[tuple[int, str, float], ...]:
        """(check, worker, start), in seconds since the run's start."""
        return tuple((check, worker, start) for worker, (check, start) in self._running.items())

    @property
    def due(self) -> float:
        """When something is to be said even if nothing happens."""
        return min([self._quiet_since + QUIET_SECONDS, *self._next_notice.values()])

    def started(self, worker: str, check: int, at: float) -> None:
        self._running[worker] = check, at
        self._next_notice[worker] = at + self._slow

    def since(self, worker: str) -> float | None:
        """When the attempt began that the worker makes, or is to begin after a pause."""
        return self._running[worker][1] if worker in self._running else None

    def ended(self, worker: str, now: float) -> tuple[int, float] | None:
        """The worker's attempt is over: its check, and its start. None if it had not begun yet."""
        self._quiet_since = now
        self._next_notice.pop(worker, None)
        running = self._running.pop(worker, None)
        return None if running is None or running[1] > now else running

    def look(self, now: float) -> None:
        """Say what is due."""
        for worker, due in list(self._next_notice.items()):
            if due <= now:
                check, start = self._running[worker]
                periods = int((now - start) / self._slow + 1e-9)
                self._next_notice[worker] = start + (periods + 1) * self._slow
                self._watcher.slow(check, worker, periods * self._slow, self._where(worker))
        if now - self._quiet_since >= QUIET_SECONDS:
            self._quiet_since = now
            if self._running:
                self.tell(now)

    def tell(self, now: float) -> None:
        """Say what is running."""
        self._watcher.running(now, self.running)
