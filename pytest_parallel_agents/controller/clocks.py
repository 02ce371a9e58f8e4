"""One time for all: seconds since the run's start, whatever clock a worker has."""

from __future__ import annotations

from pytest_parallel_agents.early_bound import time

_OTHER_MACHINE_SECONDS = 60.0


class Clocks:
    """`origin` is the run's start on this process's monotonic clock."""

    def __init__(self, origin: float) -> None:
        self._origin = origin
        self._differences: dict[str, float] = {}

    def now(self) -> float:
        return time.monotonic() - self._origin

    def learn(self, worker: str, theirs: float) -> None:
        """What the worker's clock shows now. The processes of one machine share it, whatever the message took."""
        difference = time.monotonic() - theirs
        self._differences[worker] = difference if abs(difference) > _OTHER_MACHINE_SECONDS else 0.0

    def since_origin(self, worker: str, at: float) -> float:
        return at + self._differences.get(worker, 0.0) - self._origin

    def span(self, worker: str, theirs: tuple[float, float]) -> tuple[float, float]:
        """The same of a start and a stop."""
        start, stop = theirs
        return self.since_origin(worker, start), self.since_origin(worker, stop)
