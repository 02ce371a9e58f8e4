"""How many checks ran beside another one, and so whether its seconds can be trusted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from functools import cached_property

from pytest_parallel_agents.model.results import Result


class ConcurrentChecks:
    """When each check ran, from the start of its first attempt to the stop of its last."""

    def __init__(self, results: Collection[Result]) -> None:
        self._results = results

    @cached_property
    def _starts(self) -> list[float]:
        return sorted(result.attempts[0].start for result in self._results if result.attempts)

    @cached_property
    def _stops(self) -> list[float]:
        return sorted(result.attempts[-1].stop for result in self._results if result.attempts)

    def count(self, result: Result) -> int:
        """How many other checks ran at some time during the last attempt of this one, which is among the results."""
        last = result.last
        if last is None:
            return 0
        began = bisect_left(self._starts, last.stop)
        ended = bisect_right(self._stops, last.start)
        return max(0, began - ended - 1)
