"""How many CPUs are taken, and by what."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.model import Plan

PLAIN_CLAIM: Final = 1
"""CPUs of a check that declares none."""


class Capacity:
    """`claims` are the CPUs that each check takes: never more than there are, and none if it only waits.

    Checks that only wait leave one worker for each CPU, if there are more workers than CPUs, as long as any check is
    left that computes.
    """

    def __init__(self, plan: Plan, *, cpus: int, workers: int) -> None:
        self.claims = {index: min(check.cpus, cpus) for index, check in plan.checks.items()}
        self.cpus = cpus
        self.free = cpus
        self._computing = sum(claim > 0 for claim in self.claims.values())
        self._light = 0
        self._most_light = workers - cpus if workers > cpus else workers

    @property
    def least(self) -> int:
        """The smallest claim that can be met now: 0, or 1 when no more checks that only wait may start."""
        return 1 if self._computing and self._light >= self._most_light else 0

    def take(self, claim: int) -> None:
        self.free -= claim
        self._light += claim == 0

    def give_back(self, claim: int) -> None:
        self.free += claim
        self._light -= claim == 0

    def forget(self, check: int) -> None:
        """The check is over and will claim nothing again."""
        self._computing -= self.claims[check] > 0
