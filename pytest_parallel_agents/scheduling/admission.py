"""Which lane may start next: CPUs, locks, priorities, and no starvation."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush

from pytest_parallel_agents.model import Lock, Plan
from pytest_parallel_agents.scheduling.capacity import PLAIN_CLAIM, Capacity
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.locks import Locks
from pytest_parallel_agents.scheduling.occupancy import Occupancy, WorkerState
from pytest_parallel_agents.scheduling.priorities import Priority
from pytest_parallel_agents.scheduling.ready import Entry, Ready

ROUNDS = 4
"""How many times all CPUs that must fall idle for a lane may go to others first: those that it claims, and all for a
lock whose other users may be on any."""

_RETRIES = 8
"""How many lanes that were woken in vain have the next in line woken at once. Later ones wait for another event."""


class Admission:
    """Offered lanes wait here until `choose` lets them out.

    What fits may start although a more urgent lane does not fit, until that one counts as starved and reserves what it
    needs. There is one reservation at a time, and the lane that has it holds nothing yet, so all that it waits for
    comes free in the end.

    Checks that run alone have a line of their own. All workers must fall idle to let one start, so it is put off until
    nothing else can start, or until the chain behind it (`behind`, in seconds) would outlast the other work.
    """

    def __init__(
        self,
        plan: Plan,
        priorities: Mapping[int, Priority],
        behind: Mapping[int, float],
        *,
        capacity: Capacity,
        occupancy: Occupancy,
    ) -> None:
        self.ready = Ready(capacity.claims.values())
        self._plan = plan
        self._priorities = priorities
        self._behind = behind
        self._capacity = capacity
        self._occupancy = occupancy
        self._locks = Locks(plan.capacities)
        self._alone: list[Entry] = []
        self._alone_runs = False
        self._drained = False
        self._reserver: Lane | None = None
        self._retries = _RETRIES
        self._postponed: dict[str, None] = {}

    def offer(self, lane: Lane) -> None:
        """Queues a lane whose head waits for no other check."""
        if self._plan.checks[lane.head].alone:
            heappush(self._alone, self._entry(lane))
        else:
            self.ready.push(self._capacity.claims[lane.head], self._entry(lane))

    def resume(self) -> None:
        """Goes on with postponed lines: to be called once before a series of `choose`."""
        self._retries = _RETRIES
        while self._postponed and self._retries:
            lock = next(iter(self._postponed))
            del self._postponed[lock]
            self._wake_next(lock)

    def choose(self, backlog: float) -> Lane | None:
        """Removes and returns the lane that should start now, if any can. `backlog`: CPU seconds not yet assigned."""
        if self._reserver is None and self._alone and self._alone_is_due(backlog):
            self._reserve(heappop(self._alone)[-1])
        if self._reserver is not None and self._can_start(self._reserver):
            return self._use_reservation(self._reserver)
        return self._first_startable()

    def enter(self, lane: Lane, worker: WorkerState) -> None:
        """Gives the worker what the head of the lane needs. `choose` has just found that it is free."""
        head = lane.head
        lane.overtaken = 0
        lane.woken_by = None
        worker.claim = self._capacity.claims[head]
        worker.locks = self._plan.locks.get(head, ())
        self._capacity.take(worker.claim)
        self._alone_runs = self._plan.checks[head].alone
        self._drained = False
        self._locks.acquire(worker.locks)
        for lock in worker.locks:
            excluded = self._locks.first_excluded(lock)
            if (
                excluded is not None
                and excluded[1] < self._priorities[head]
                and self._reserve_if_starved(excluded[-1], self._capacity.cpus)
            ):
                self._locks.remove_excluded(lock)
            self._wake(lock.name)

    def decline(self, lane: Lane) -> None:
        """The lane that `choose` has just let out does not start. What woke it, or what it had reserved, may go on."""
        self._yield_turn(lane)
        for lock in self._wanted(lane):
            self._wake(lock.name)

    def leave(self, worker: WorkerState) -> None:
        """Takes back what `enter` gave."""
        self._capacity.give_back(worker.claim)
        self._drained = self._alone_runs
        self._alone_runs = False
        self._locks.release(worker.locks)
        for lock in worker.locks:
            self._wake(lock.name)

    def may_continue(self, backlog: float, lane: Lane | None) -> bool:
        """Whether a worker with plain checks may take on more of them, of this lane or of another: nothing that needs
        its CPU comes first.
        """
        if self._reserver is not None or (self._alone and self._alone_is_due(backlog)):
            return False
        claim = self.ready.first(self._capacity.least, self._capacity.cpus)
        if lane is None:
            return claim == PLAIN_CLAIM
        return claim is None or (True, self._urgency(lane)) < self.ready.urgency(claim)

    def _first_startable(self) -> Lane | None:
        least, most = self._capacity.least, self.claimable()
        while (claim := self.ready.first(least, most)) is not None:
            lane = self.ready.top(claim)
            if lane.worker is None and self._occupancy.exhausted:
                return None
            passed_over = self.ready.first(least, self._capacity.cpus, before=claim)
            self.ready.pop(claim)
            if self._must_wait(lane):
                continue
            if passed_over is not None and self._reserve_if_starved(self.ready.top(passed_over), passed_over):
                self.ready.pop(passed_over)
            return lane
        return None

    def claimable(self) -> int:
        """How many CPUs a lane without a reservation may claim now. -1: not even one that claims none may start."""
        if self._alone_runs:
            return -1
        if self._reserver is None:
            return self._capacity.free
        if self._is_alone(self._reserver):
            return -1
        lacks_cpus = self._capacity.claims[self._reserver.head] > self._capacity.free
        lacks_locks = self._locks.blocker(self._wanted(self._reserver), reserver=True) is not None
        return 0 if lacks_cpus and not lacks_locks else self._capacity.free

    def _must_wait(self, lane: Lane) -> bool:
        """Whether the lane cannot start after all. Then it waits where it is woken as soon as it can."""
        if lane.worker is not None and lane.worker.queue:
            lane.worker.resumable.append(lane)
        elif (lock := self._locks.blocker(self._wanted(lane))) is None:
            return False
        elif lane.woken_by is None or not self._reserve_if_starved(lane, self._capacity.cpus):
            self._locks.park(self._entry(lane), lock)
        self._yield_turn(lane)
        return True

    def _yield_turn(self, lane: Lane) -> None:
        woken_by, lane.woken_by = lane.woken_by, None
        if woken_by is not None:
            self._wake_next(woken_by)

    def _wake_next(self, lock: str) -> None:
        """The lane that the lock woke did not take it: wakes the next, at once or later, since a long line takes long
        to go through.
        """
        if self._retries:
            self._retries -= self._wake(lock)
        else:
            self._postponed[lock] = None

    def _alone_is_due(self, backlog: float) -> bool:
        if self._occupancy.busy == 0 and (self._drained or not self.ready):
            return True
        behind = self._behind[self._alone[0][-1].head]
        return behind > 0 and behind * self._capacity.cpus >= backlog

    def _can_start(self, lane: Lane) -> bool:
        if self._locks.blocker(self._wanted(lane), reserver=True) is not None:
            return False
        if self._is_alone(lane):
            return self._occupancy.busy == 0
        claim = self._capacity.claims[lane.head]
        has_worker = not self._occupancy.exhausted if lane.worker is None else not lane.worker.queue
        return has_worker and self._capacity.least <= claim <= self._capacity.free

    def _reserve_if_starved(self, lane: Lane, cpus: int) -> bool:
        """Counts that others were preferred to the lane. True if it is starved: it now has the reservation and leaves
        its line.
        """
        lane.overtaken += 1
        if lane.overtaken < ROUNDS * cpus or self._reserver is not None:
            return False
        self._reserve(lane)
        return True

    def _reserve(self, lane: Lane) -> None:
        self._reserver = lane
        self._locks.reserve(self._wanted(lane))

    def _use_reservation(self, lane: Lane) -> Lane:
        self._reserver = None
        self._locks.unreserve(self._wanted(lane))
        return lane

    def _wake(self, lock: str) -> bool:
        """Whether a lane was woken."""
        woken = list(self._locks.wake(lock))
        for lane in woken:
            self.offer(lane)
        return bool(woken)

    def _wanted(self, lane: Lane) -> tuple[Lock, ...]:
        return self._plan.locks.get(lane.head, ())

    def _is_alone(self, lane: Lane) -> bool:
        return self._plan.checks[lane.head].alone

    def _entry(self, lane: Lane) -> Entry:
        return lane.worker is None, self._urgency(lane), lane

    def _urgency(self, lane: Lane) -> Priority:
        if not lane.stretch:
            return self._priorities[lane.head]
        if lane.urgency is None:
            lane.urgency = self._priorities[lane.head]
        return lane.urgency
