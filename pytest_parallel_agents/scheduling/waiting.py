"""The lines in which lanes wait: for their turn, for a lock, for what comes free on a host, or to run alone."""

from __future__ import annotations

from collections.abc import Container, Mapping
from heapq import heappush

from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.locks import Locks
from pytest_parallel_agents.scheduling.ready import Entry, Ready
from pytest_parallel_agents.scheduling.states import HostState, Lane, Priority

_RETRIES = 8
"""How many lanes that were woken in vain have the next in line woken at once. Later ones wait for another event."""


class Waiting:
    """Offered lanes wait here until `Admission` lets them out: the `ready` ones for their turn, and those that run
    `alone`, a heap, until nothing else runs. The others wait in the line of a lock, or on the host where they are under
    way, and become ready when something comes free there; those that no host could run wait for one.
    """

    def __init__(self, plan: Plan, priorities: Mapping[int, Priority], *, capacity: Capacity, locks: Locks) -> None:
        self.ready = Ready(capacity.claims.values())
        self.alone: list[Entry] = []
        self._homeless: list[Lane] = []
        self._checks = plan.checks
        self._priorities = priorities
        self._capacity = capacity
        self._locks = locks
        self._retries = _RETRIES
        self._postponed: dict[tuple[str, HostState], None] = {}

    def offer(self, lane: Lane) -> None:
        """Queues a lane whose head waits for no other check."""
        if lane.worker is not None and lane.worker.host.gone:
            lane.worker.host.parked.append(lane)  # until its worker is lost
        elif self._checks[lane.head].alone:
            heappush(self.alone, self.entry(lane))
        else:
            self.ready.push(self._capacity.claim_of(lane), self.entry(lane))

    def has_host(self, lane: Lane) -> bool:
        """Whether any host has what the lane needs and only some may have."""
        return not self._capacity.tied_to_hosts(lane) or bool(self._capacity.suitable(lane))

    def park_homeless(self, lane: Lane) -> None:
        """No host has all that the lane needs. In the line of a lock it would be woken in vain before all others."""
        self._homeless.append(lane)

    def offer_homeless(self) -> None:
        """Queues what no host could run anew: it may need less than before, or a host has joined."""
        homeless, self._homeless = self._homeless, []
        for lane in homeless:
            self.offer(lane)

    def take_homeless(self, heads: Container[int]) -> list[Lane]:
        """Removes and returns what no host could run and begins with one of these checks."""
        taken = [lane for lane in self._homeless if lane.head in heads]
        if taken:
            self._homeless = [lane for lane in self._homeless if lane.head not in heads]
        return taken

    def offer_again(self) -> None:
        """Queues all that is ready anew: claims have changed."""
        for lane in list(self.ready.drain()):
            self.offer(lane)
        self.offer_homeless()

    def resume(self) -> None:
        """Goes on with postponed lines: to be called once before a series of choices."""
        self._retries = _RETRIES
        while self._postponed and self._retries:
            lock = next(iter(self._postponed))
            del self._postponed[lock]
            self._wake_next(lock)

    def wake(self, lock: str, host: HostState) -> bool:
        """Offers the next lanes that wait for this lock, if it came free for them on this host. Whether any did."""
        woken = self._locks.wake(lock, host)
        for lane in woken:
            self.offer(lane)
        return bool(woken)

    def wake_on(self, host: HostState) -> None:
        """Something came free on a host: lanes that wait for it there may try again."""
        for name in self._locks.waited_for():
            self.wake(name, host)
        parked, host.parked = host.parked, []
        for lane in parked:
            self.offer(lane)

    def yield_turn(self, lane: Lane) -> None:
        """The lane does not start. If a lock had woken it, the next in that line may try."""
        woken_by, lane.woken_by = lane.woken_by, None
        if woken_by is not None:
            self._wake_next(woken_by)

    def entry(self, lane: Lane) -> Entry:
        """The lane's place in any line."""
        return lane.worker is None, self.urgency(lane), lane

    def urgency(self, lane: Lane) -> Priority:
        """The priority of its head; a stretch keeps the one with which it began."""
        if not lane.stretch:
            return self._priorities[lane.head]
        if lane.urgency is None:
            lane.urgency = self._priorities[lane.head]
        return lane.urgency

    def _wake_next(self, lock: tuple[str, HostState]) -> None:
        """The lane that the lock woke did not take it: wakes the next, at once or later, since a long line takes long
        to go through.
        """
        if self._retries:
            self._retries -= self.wake(*lock)
        else:
            self._postponed[lock] = None
