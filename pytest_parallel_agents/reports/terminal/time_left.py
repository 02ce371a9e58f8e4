"""How long a run still takes, from what its checks took in earlier runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from pytest_parallel_agents.reports.terminal.progress import Running

_LEAST: Final = 0.5
"""Seconds below which nothing is known: what still runs takes longer than it usually does."""


class TimeLeft:
    """`estimates`: seconds by check, of those that are known. Others count as much as the finished ones on average."""

    def __init__(self, estimates: Mapping[int, float], total: int) -> None:
        self._estimates = estimates
        self._known = sum(estimates.values())
        self._unknown = total - len(estimates)
        self._spent = 0.0
        self._finished = 0

    def finished(self, check: int, seconds: float) -> None:
        """A check is over, after so many seconds."""
        self._spent += seconds
        self._finished += 1
        if check in self._estimates:
            self._known -= self._estimates[check]
        else:
            self._unknown -= 1

    def seconds(self, now: float, running: Collection[Running]) -> float | None:
        """Seconds, roughly; None where nothing is known of it."""
        if not running or (self._unknown and not self._finished):
            return None
        usual = self._spent / self._finished if self._finished else 0.0
        whole = [self._estimates.get(each.check.index, usual) for each in running]
        left = [max(0.0, seconds - each.elapsed(now)) for each, seconds in zip(running, whole, strict=True)]
        waiting = max(0.0, self._known + self._unknown * usual - sum(whole))
        seconds = max(*left, (waiting + sum(left)) / len(left))
        return seconds if seconds >= _LEAST else None
