"""One clock for all: seconds since the run's start, whatever clock a worker has."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.early_bound import time

_OTHER_MACHINE_SECONDS: Final = 60.0


class RunClock:
    """`origin` is the run's start on this process's monotonic clock."""

    def __init__(self, origin: float) -> None:
        self._origin = origin

    def now(self) -> float:
        return time.monotonic() - self._origin

    def offset_of(self, theirs: float | None = None, *, known: float | None = None) -> float:
        """The number to add to the times of a clock that shows `theirs` now, to get seconds since the run's start.

        The processes of one machine share a clock, however long the message took. Without `theirs` it counts as ours.
        `known` is what is known of another machine's clock: how many seconds ours is ahead of it.
        """
        if known is not None:
            return known - self._origin
        difference = 0.0 if theirs is None else time.monotonic() - theirs
        return (difference if abs(difference) > _OTHER_MACHINE_SECONDS else 0.0) - self._origin
