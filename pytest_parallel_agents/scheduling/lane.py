"""One lane, and how far it has come."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_parallel_agents.scheduling.hosts import HostState
    from pytest_parallel_agents.scheduling.occupancy import WorkerState
    from pytest_parallel_agents.scheduling.priorities import Priority


class Lane:
    """Checks that run in order on one worker.

    `worker` is where the lane was assigned, until it is over. `assigned` counts the checks that were sent to a worker,
    over or not. `overtaken` counts how often others were preferred while it waited; `woken_by` is the lock whose
    waiting line it has just left, and the host where that lock came free.

    A `stretch` is a lane of neighbours that may be cut where one begins a part (see `stretches`). It is tied to its
    worker only while that has checks of it, and keeps the `urgency` with which it began, so that workers do not take
    turns at it.
    """

    __slots__ = ("assigned", "checks", "overtaken", "position", "stretch", "urgency", "woken_by", "worker")

    def __init__(self, checks: tuple[int, ...], *, stretch: bool = False) -> None:
        self.checks = checks
        self.stretch = stretch
        self.position = 0
        self.assigned = 0
        self.worker: WorkerState | None = None
        self.urgency: Priority | None = None
        self.overtaken = 0
        self.woken_by: tuple[str, HostState] | None = None

    @property
    def head(self) -> int:
        """The first check that is not over."""
        return self.checks[self.position]

    @property
    def over(self) -> bool:
        return self.position == len(self.checks)

    @property
    def following(self) -> int | None:
        """The first check that is not assigned."""
        return self.checks[self.assigned] if self.assigned < len(self.checks) else None

    def rest(self, done: int = 0) -> tuple[int, ...]:
        """The checks that are not over, without the first `done` of them."""
        return self.checks[self.position + done :]

    def skip(self) -> None:
        """Drops the head, which was not assigned."""
        self.position += 1
        self.assigned += 1

    def drop(self, checks: Container[int]) -> None:
        """Removes these checks where they are not over. None of them is assigned."""
        self.checks = (*self.checks[: self.position], *(check for check in self.rest() if check not in checks))

    def cut(self, place: int) -> Lane:
        """Makes a lane of its own of what follows this many checks. None of it is assigned."""
        tail = Lane(self.checks[place:], stretch=self.stretch)
        self.checks = self.checks[:place]
        return tail

    def restart(self, without: int | None) -> None:
        """Forgets its worker and what is over, so that the rest may run anywhere. `without` is over as well."""
        self.checks = tuple(check for check in self.rest() if check != without)
        self.position = 0
        self.assigned = 0
        self.worker = None
