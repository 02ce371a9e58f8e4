"""How far a lane has come."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_parallel_agents.scheduling.pool import Worker


class Lane:
    """Checks that run in order on one worker.

    `worker` is where the lane was assigned, and stays so until it is over. `passes` counts how often others were
    preferred while it waited; `woken_by` is the lock whose waiting line it has just left.
    """

    __slots__ = ("checks", "passes", "position", "woken_by", "worker")

    def __init__(self, checks: tuple[int, ...]) -> None:
        self.checks = checks
        self.position = 0
        self.worker: Worker | None = None
        self.passes = 0
        self.woken_by: str | None = None

    @property
    def head(self) -> int:
        """The first check that is not over."""
        return self.checks[self.position]

    @property
    def over(self) -> bool:
        return self.position == len(self.checks)

    def rest(self, done: int = 0) -> tuple[int, ...]:
        """What is not over, without the first `done` of it."""
        return self.checks[self.position + done :]

    def drop(self, checks: Container[int]) -> None:
        """Takes out what is not over of these."""
        self.checks = (*self.checks[: self.position], *(check for check in self.rest() if check not in checks))

    def restart(self, without: int | None) -> None:
        """Forgets its worker and what is over, so that the rest may run anywhere. `without` is over as well."""
        self.checks = tuple(check for check in self.rest() if check != without)
        self.position = 0
        self.worker = None
