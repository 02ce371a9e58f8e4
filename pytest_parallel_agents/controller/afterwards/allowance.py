"""How long the second pass may take."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.runtest.line_recorder import slowdown_of_failing

MOST_OF_FILES: Final = 1.8
"""How often the time of the failed checks' files it may take. Its workers need some time to end, too."""

SHORT_SECONDS: Final = 3.0
"""What it may take where these files take less, if the first pass took as long. Passing tests of other files put the
faulty function first in 67 of 100 bugs instead of 49, and whoever waits for a suite can wait for it again.
"""

LEAST_SECONDS: Final = 1.0
"""What it may take where tests take next to nothing, and beside the failed ones."""

MOST_OF_FAILED: Final = 10.0
"""What the failed checks alone may take, however short all others were: without them nothing is known."""


def allowed(first_pass: float, files: float, failed: float) -> float:
    """Seconds, when the first pass took so many, the failed checks' files so many, and the failed checks themselves so
    many on all CPUs.
    """
    usual = min(first_pass, max(SHORT_SECONDS, MOST_OF_FILES * files))
    return max(usual, LEAST_SECONDS + min(MOST_OF_FAILED, slowdown_of_failing() * failed))
