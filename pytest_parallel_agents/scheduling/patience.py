"""A few checks of which nothing is known are left to one worker for a moment: they are probably short."""

from __future__ import annotations

from pytest_parallel_agents.scheduling.priorities import BATCH_SECONDS


class Patience:
    """Lasts, if there is a reason for it, until so much time has passed since the first check began as one message
    should carry work for. `deadline` is when that is, on the clock of the events.
    """

    def __init__(self, *, reason: bool) -> None:
        self.lasts = reason
        self.deadline: float | None = None

    def check_began(self, time: float) -> None:
        """At the latest: of a short one only the end may be heard."""
        if self.deadline is None:
            self.deadline = time + BATCH_SECONDS

    def ends(self, time: float) -> bool:
        """Whether it ends now. It does once."""
        if self.deadline is None or time < self.deadline:
            return False
        self.lasts, self.deadline = False, None
        return True
