"""The reservation of a lane that has waited long enough."""

from __future__ import annotations

from typing import NamedTuple

from pytest_parallel_agents.model.plan import Lock, Plan
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.locks import Locks
from pytest_parallel_agents.scheduling.states import HostState, Lane


class Placed(NamedTuple):
    """A lane, and the host where it may start."""

    lane: Lane
    host: HostState


class Reservation:
    """What the lane that is `placed` needs, reserved on its host; None while there is none."""

    def __init__(self, plan: Plan, *, capacity: Capacity, locks: Locks) -> None:
        self._plan = plan
        self._capacity = capacity
        self._locks = locks
        self.placed: Placed | None = None

    @property
    def is_of_alone(self) -> bool:
        """Whether it is for a check that runs alone, so that nothing may start on any host."""
        return self.placed is not None and self._plan.checks[self.placed.lane.head].alone

    @property
    def held_host(self) -> HostState | None:
        """The host where nothing that claims a CPU may start, since the lane lacks only CPUs."""
        if self.placed is None:
            return None
        lane, host = self.placed
        lacks_cpus = self._capacity.claim_of(lane) > host.free
        return host if lacks_cpus and self._locks.blocker(self._wanted(lane), host, reserver=True) is None else None

    def blocks(self, host: HostState) -> bool:
        """Whether workers of this host may not take on more."""
        return self.placed is not None and (self.placed.host is host or self.is_of_alone)

    def make(self, lane: Lane) -> bool:
        """Reserves for the lane, on the host where it is under way, else on the one with most CPUs free.

        False: no host has the resources, or the worker's host is lost.
        """
        if lane.worker is None:
            host = max(self._capacity.suitable(lane), key=lambda host: host.free, default=None)
        else:
            host = lane.worker.host
        if host is None or host.gone:
            return False
        self.placed = Placed(lane, host)
        self._locks.reserve(self._wanted(lane), host)
        return True

    def end(self, placed: Placed) -> Placed:
        """To be called with what is `placed`, when it starts or its host is lost."""
        self.placed = None
        self._locks.unreserve(self._wanted(placed.lane), placed.host)
        return placed

    def _wanted(self, lane: Lane) -> tuple[Lock, ...]:
        return self._plan.locks.get(lane.head, ())
