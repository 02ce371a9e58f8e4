"""Where a lane may start now: on which host there are CPUs, a worker and locks for it."""

from __future__ import annotations

from pytest_parallel_agents.model.plan import Lock, Plan
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.locks import Locks
from pytest_parallel_agents.scheduling.occupancy import Occupancy
from pytest_parallel_agents.scheduling.reservation import Reservation
from pytest_parallel_agents.scheduling.states import HostState, Lane


class Placement:
    """Looks at what is free, and changes nothing. What a lane has reserved is free for no other."""

    def __init__(
        self, plan: Plan, *, capacity: Capacity, occupancy: Occupancy, locks: Locks, reservation: Reservation
    ) -> None:
        self._plan = plan
        self._capacity = capacity
        self._hosts = capacity.hosts
        self._occupancy = occupancy
        self._locks = locks
        self._reservation = reservation

    def find_host(self, lane: Lane, claim: int) -> tuple[HostState | None, Lock | None]:
        """Where the lane can start now; else the lock that it lacks where it would have CPUs, if it lacks one."""
        lock, wanted, tied_to = None, self.wanted(lane), self._capacity.tied_to_hosts(lane)
        for host in self.fitting(lane, claim):
            if tied_to and not self._capacity.has(host, tied_to):
                lock = tied_to[0]
                continue
            lock = self._locks.blocker(wanted, host) if wanted else None
            if lock is None:
                return host, None
            if not self._locks.is_per_host(lock):
                break
        return None, lock

    def fitting(self, lane: Lane, claim: int) -> list[HostState]:
        """The hosts that have CPUs and workers for the lane, the best first."""
        held = self._reservation.held_host
        if lane.worker is None:
            found = self._hosts.meeting(claim, without=held)
        else:
            host = lane.worker.host
            fits = not lane.worker.queue and self._hosts.meets(host, claim) and (claim == 0 or host is not held)
            found = [host] if fits else []
        return found if claim else [host for host in found if self._capacity.admits(host, claim)]

    def can_start(self, lane: Lane, host: HostState) -> bool:
        """Whether the lane that has the reservation can start on its host now."""
        if self._locks.blocker(self.wanted(lane), host, reserver=True) is not None:
            return False
        if self._plan.checks[lane.head].alone:
            return self._occupancy.busy == 0
        if lane.worker is not None and lane.worker.queue:
            return False
        claim = self._capacity.claim_of(lane)
        return self._hosts.meets(host, claim) and self._capacity.admits(host, claim)

    def wanted(self, lane: Lane) -> tuple[Lock, ...]:
        """The locks that the head of the lane needs."""
        return self._plan.locks.get(lane.head, ())
