"""Which checks of a second pass one worker runs after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pytest_parallel_agents.controller.afterwards.measuring import Batch
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.model.results import Outcome, Result

LEAST_SECONDS: Final = 0.2
"""Of a batch. It costs a worker, which takes some hundredths of a second."""

PRECISE_SECONDS: Final = 0.5
"""How long a check that failed may have taken to be recorded precisely, which takes ten times as long before Python
3.12. Of longer ones the lines that only the failure has brought about count, too: better than to know none.
"""


class Batches:
    """Makes them of the checks of a plan, of which it is known how they ended, by index."""

    def __init__(self, plan: Plan, results: Mapping[int, Result]) -> None:
        self._plan = plan
        self._results = results
        self._lanes = {check: number for number, lane in enumerate(plan.lanes) if len(lane) > 1 for check in lane}

    def of(self, checks: Iterable[int], *, parts: int, each: float, most: float) -> list[Batch]:
        """At most about so many batches, in the order of the checks, those of a file together.

        `each` is what a check takes beside its own seconds, and `most` what it may take.
        """
        files: dict[str, list[int]] = {}
        batches = []
        for check in checks:
            if self._plan.checks[check].alone:
                batches.append(self.one([check], most))
            else:
                files.setdefault(self._plan.checks[check].nodeid.partition("::")[0], []).append(check)
        total = sum(self.seconds(check) + each for checks in files.values() for check in checks)
        gathered: list[int] = []
        filled = 0.0
        for check in (check for checks in files.values() for check in sorted(checks)):
            gathered.append(check)
            filled += self.seconds(check) + each
            if filled >= max(total / parts, LEAST_SECONDS):
                batches.append(self.one(gathered, most))
                gathered, filled = [], 0.0
        return [*batches, self.one(gathered, most)] if gathered else batches

    def alike(self, checks: Iterable[int]) -> list[list[int]]:
        """Those first that are recorded precisely, then those that would take too long."""
        checks = list(checks)
        return [[check for check in checks if self._is_quick(check) is quick] for quick in (False, True)]

    def one(self, checks: Sequence[int], most: float) -> Batch:
        """One batch of these."""
        first = self._results[checks[0]].last
        return Batch(
            checks=tuple(checks),
            seconds=most,
            like=first.worker if first is not None else "",
            passing=all(self._has_passed(check) for check in checks),
            quick=all(self._is_quick(check) for check in checks),
            locks=frozenset(lock for check in checks for lock in self._locks(check)),
            alone=any(self._plan.checks[check].alone for check in checks),
        )

    def seconds(self, check: int) -> float:
        """How long its last attempt took."""
        last = self._results[check].last
        return 0.0 if last is None else last.duration

    def _is_quick(self, check: int) -> bool:
        return self._has_passed(check) or self.seconds(check) > PRECISE_SECONDS

    def _has_passed(self, check: int) -> bool:
        return self._results[check].outcome is Outcome.PASSED

    def _locks(self, check: int) -> Iterable[str]:
        """Things that it may not share at the same time: declared ones, and fixtures of its lane."""
        yield from (lock.name for lock in self._plan.locks.get(check, ()))
        if check in self._lanes:
            yield f"lane {self._lanes[check]}"
