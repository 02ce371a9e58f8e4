"""The money of a run: what it may spend, has spent, and what checks that go on may still spend."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from math import isinf
from typing import Final

from pytest_parallel_agents.scheduling.states import Lane

_CENT_OF_A_CENT: Final = 0.0001
"""Sums of prices are not exact."""


class Funds(Enum):
    """Whether a check may begin now, later when others have ended, or never."""

    LEFT = "left"
    RESERVED = "reserved"
    USED_UP = "used up"


class Budget:
    """`total` and `reserves` are those of `Plan`, which has both or none.

    A check reserves what it spends at most before it begins, so that checks that run at once do not spend more together
    than there is. One of which that is not known has all that is left to itself.
    """

    def __init__(self, total: float, reserves: Mapping[int, float]) -> None:
        self._total = total
        self._reserves = reserves
        self._reserved: dict[int, float] = {}
        self._spent = 0.0
        self.waiting: dict[Lane, None] = {}

    def admits(self, lane: Lane, *, reserves: bool) -> bool:
        """Whether there is enough for the head of a lane, for which it then has reserved if it `reserves`. Otherwise
        the lane waits here.
        """
        if self.begins(lane.head) if reserves else self.funds(lane.head) is Funds.LEFT:
            self.waiting.pop(lane, None)
            return True
        self.waiting[lane] = None
        return False

    def begins(self, check: int) -> bool:
        """Whether a check may begin now, for which it then has reserved."""
        if self.funds(check) is not Funds.LEFT:
            return False
        if check in self._reserves:
            self._reserved[check] = self._reserves[check]
        return True

    @property
    def reserved(self) -> list[int]:
        """The checks that have reserved: those that go on, and those that wait for something else."""
        return list(self._reserved)

    def release(self, check: int) -> None:
        """A check that has not begun leaves to others what it has reserved."""
        self._reserved.pop(check, None)

    def funds(self, check: int) -> Funds:
        """Whether there is enough for a check."""
        reserve = self._reserves.get(check)
        if reserve is None or check in self._reserved:
            return Funds.LEFT
        left = self._total - self._spent - sum(self._reserved.values())
        enough = left > _CENT_OF_A_CENT and not self._reserved if isinf(reserve) else left >= reserve - _CENT_OF_A_CENT
        if enough:
            return Funds.LEFT
        return Funds.RESERVED if self._reserved else Funds.USED_UP

    def settle(self, check: int, cost: float | None) -> None:
        """A check is over. Where its `cost` is not known it counts as what was reserved."""
        reserve = self._reserved.pop(check, None)
        if cost is None:
            cost = 0.0 if reserve is None or isinf(reserve) else reserve
        self._spent += cost
