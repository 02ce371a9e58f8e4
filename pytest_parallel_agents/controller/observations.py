"""What workers have observed of checks beside their reports."""

from __future__ import annotations

from pytest_parallel_agents.wire import messages


class Observations:
    """By check: where it stood when it came near its time limit, and which lines it executed, if that is recorded.

    A limit that came near did not need to pass.
    """

    def __init__(self) -> None:
        self.sampled: dict[int, messages.Sampled] = {}
        self.covered: dict[int, messages.Covered] = {}

    def note(self, message: messages.Sampled | messages.Covered) -> None:
        """Of several attempts the last counts."""
        if isinstance(message, messages.Sampled):
            self.sampled[message.check] = message
        else:
            self.covered[message.check] = message
