"""How long the second pass may take."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from pytest_parallel_agents.runtest.line_recorder import slowdown_of_failing

MOST_OF_FILES: Final = 1.8
"""How often the time of the failed checks' files it may take. Its workers need some time to end, too."""

SHORT_SECONDS: Final = 3.0
"""What it may take where these files take less, if the first pass took as long. Passing tests of other files put the
faulty function first in 67 of 100 bugs instead of 49, and whoever waits for a suite can wait for it again.
"""

LEAST_SECONDS: Final = 1.0
"""What it may take where tests take next to nothing."""

MOST_OF_FAILED: Final = 30.0
"""What the failed checks alone may take, however short all others were: without them nothing is known."""


class Allowance(NamedTuple):
    """Seconds for all, those as long as failed checks are not measured, and those that passing ones have after them in
    any case: without passing ones, too, nothing is known.
    """

    usual: float
    failed: float
    after: float

    @property
    def most(self) -> float:
        """Seconds of all together."""
        return max(self.usual, self.failed + self.after)

    def within(self, left: float) -> Allowance:
        """At most so many seconds."""
        failed = min(self.failed, left)
        return Allowance(min(self.usual, left), failed, min(self.after, left - failed))


def allowed(first_pass: float, files: float, failed: float) -> Allowance:
    """When the first pass took so many seconds, the failed checks' files so many, and the failed checks themselves so
    many on all CPUs.
    """
    usual = max(LEAST_SECONDS, min(first_pass, max(SHORT_SECONDS, MOST_OF_FILES * files)))
    needed = LEAST_SECONDS + min(MOST_OF_FAILED, slowdown_of_failing() * failed)
    return Allowance(usual, max(usual, needed), min(usual, SHORT_SECONDS))


class Deadline:
    """When the second pass is over. Its time begins when a worker is there, for which it waits for `start_seconds`."""

    def __init__(self, allowance: Allowance, start_seconds: float = 0.0) -> None:
        self._allowance = allowance
        self._has_begun = False
        self._set(time.monotonic() + start_seconds)

    def _set(self, begin: float) -> None:
        self._usual = begin + self._allowance.usual
        self._failed = begin + self._allowance.failed

    def begin(self) -> None:
        """A worker is there."""
        if not self._has_begun:
            self._has_begun = True
            self._set(time.monotonic())

    def left(self) -> float:
        """Seconds for passing checks."""
        return min(max(self._allowance.usual, self._allowance.after), self._usual - time.monotonic())

    def at(self, *, has_failed: bool) -> float:
        """The time, on the monotonic clock, if some of the checks that are left have failed, or none."""
        if not has_failed:
            return self._usual
        self._usual = max(self._usual, min(self._failed, time.monotonic()) + self._allowance.after)
        return self._failed
