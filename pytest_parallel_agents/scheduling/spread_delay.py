"""A few checks of which nothing is known go to one worker first: they are probably short."""

from __future__ import annotations

from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS


class SpreadDelay:
    """If `active`, work is not spread over other workers until one message's worth of time has passed since the first
    check began. `deadline` is when that is, on the clock of the events.
    """

    def __init__(self, *, active: bool) -> None:
        self.active = active
        self.deadline: float | None = None

    def note_start(self, time: float) -> None:
        """Records the first check's start, or its end: of a short check only the end may be reported."""
        if self.deadline is None:
            self.deadline = time + BATCH_SECONDS

    def ends(self, time: float) -> bool:
        """Whether the delay ends now. True once."""
        if self.deadline is None or time < self.deadline:
            return False
        self.active, self.deadline = False, None
        return True
