"""How many workers may be lost before the run ends, and which check is to blame for one that misreports, or for hosts
that are lost.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from pytest_parallel_agents.controller.stop_reason import Interrupted, StopReason
from pytest_parallel_agents.transports.base import START_ATTEMPTS

HOSTS_PER_CHECK: Final = 3
"""A check that ran when so many hosts were lost is to blame: a cluster would replace them for ever."""


class Losses:
    """At most `most` workers may be lost, and a few in a row that never started."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._failed_starts = 0
        self._suspects: set[int] = set()
        self._lost_hosts: Counter[int] = Counter()

    def came_up(self) -> None:
        """A worker has started."""
        self._failed_starts = 0

    def count(self, worker: str, exit_status: str, *, failed_to_start: bool) -> StopReason | None:
        """One more worker is lost. Returns why the run ends, if it does."""
        if not failed_to_start:
            self._left -= 1
            return (
                Interrupted(f"too many workers were lost, the last one, {worker}, {exit_status}")
                if self._left < 0
                else None
            )
        self._failed_starts += 1
        if self._failed_starts < START_ATTEMPTS:
            return None
        return Interrupted(
            f"no worker could be started: {START_ATTEMPTS} in a row did not come up, "
            f"the last one, {worker}, {exit_status}"
        )

    def is_to_blame(self, check: int) -> bool:
        """Whether this check makes its workers misreport, as far as is known.

        What such a worker ran is not known: it may have been this check, the next that it had, or one of those that
        follow. The first time it is run again, like these. The second time it is to blame.
        """
        if check in self._suspects:
            return True
        self._suspects.add(check)
        return False

    def loses_hosts(self, check: int) -> bool:
        """A host was lost while it ran this check. Returns whether the check is to blame."""
        self._lost_hosts[check] += 1
        return self._lost_hosts[check] >= HOSTS_PER_CHECK
