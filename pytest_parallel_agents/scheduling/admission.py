"""Which lane starts next: the most urgent that can, unless another would starve."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop

from pytest_parallel_agents.model.plan import Lock, Plan
from pytest_parallel_agents.scheduling.capacity import PLAIN_CLAIM, Capacity
from pytest_parallel_agents.scheduling.locks import Locks
from pytest_parallel_agents.scheduling.occupancy import Occupancy
from pytest_parallel_agents.scheduling.patience import Patience
from pytest_parallel_agents.scheduling.placement import Placement
from pytest_parallel_agents.scheduling.reservation import Placed, Reservation
from pytest_parallel_agents.scheduling.states import HostState, Lane, Priority, WorkerState
from pytest_parallel_agents.scheduling.waiting import Waiting

ROUNDS = 4
"""How many times all CPUs that must fall idle for a lane may go to others first: those that it claims, and all for a
lock whose other users may be on any."""

_MOST_DECLINED = 32
"""How many lanes at a time are left to faster hosts while a shorter one is looked for."""


class Admission:
    """Lets lanes out of the lines in which they are `waiting`.

    What fits may start although a more urgent lane does not fit, until that one counts as starved and reserves what it
    needs, on one host. There is one reservation at a time, and the lane that has it holds nothing yet, so all that it
    waits for comes free in the end.

    Checks that run alone have a line of their own. The workers of all hosts must fall idle to let one start, so it is
    put off until nothing else can start, or until the chain behind it (`behind`, in seconds) would outlast the other
    work.
    """

    def __init__(
        self,
        plan: Plan,
        priorities: Mapping[int, Priority],
        behind: Mapping[int, float],
        *,
        capacity: Capacity,
        occupancy: Occupancy,
        patience: Patience,
    ) -> None:
        self._plan = plan
        self._priorities = priorities
        self._behind = behind
        self._capacity = capacity
        self._hosts = capacity.hosts
        self._occupancy = occupancy
        self._patience = patience
        self._locks = locks = Locks(plan.capacities, plan.per_host)
        self.waiting = Waiting(plan, priorities, capacity=capacity, locks=locks)
        self._ready = self.waiting.ready
        self._alone_runs = False
        self._drained = False
        self._reservation = reservation = Reservation(plan, capacity=capacity, locks=locks)
        self._placement = Placement(plan, capacity=capacity, occupancy=occupancy, locks=locks, reservation=reservation)

    def choose(self, backlog: float) -> Placed | None:
        """Removes and returns the lane that should start now, if any can. `backlog`: CPU seconds not yet assigned."""
        if not self._hosts.live:
            return None
        if (self.waiting.alone or self._reservation.placed) and (reserved := self._reserved(backlog)) is not None:
            return reserved
        declined: list[Lane] = []
        placed = self._first_startable(backlog, declined)
        for lane in declined:
            self.waiting.offer(lane)
        if placed is None and self.waiting.alone:
            return self._reserved(backlog)  # what was ready may have turned out to lack a host
        return placed

    def enter(self, lane: Lane, worker: WorkerState) -> None:
        """Gives the worker what the head of the lane needs. `choose` has just found that it is free."""
        head, host = lane.head, worker.host
        lane.overtaken = 0
        worker.claim = self._capacity.claim_of(lane)
        worker.locks = self._plan.locks.get(head, ())
        self._hosts.take(host, worker.claim)
        self._alone_runs = self._plan.checks[head].alone
        self._drained = False
        self._locks.acquire(worker.locks, host)
        for lock in worker.locks:
            excluded = self._locks.first_excluded(lock)
            if (
                excluded is not None
                and excluded[1] < self._priorities[head]
                and self._reserve_if_starved(excluded[-1], self._capacity.cpus)
            ):
                self._locks.remove_excluded(lock)
            self.waiting.wake(lock.name, host)
        if lane.woken_by is not None and not self._locks.are_of_turn(worker.locks, host, lane.woken_by):
            self.waiting.yield_turn(lane)  # it takes what woke it elsewhere, or no longer needs it
        lane.woken_by = None

    def decline(self, placed: Placed) -> None:
        """The lane that `choose` has just let out does not start. What woke it, or what it had reserved, may go on."""
        self.waiting.yield_turn(placed.lane)
        for lock in self._placement.wanted(placed.lane):
            self.waiting.wake(lock.name, placed.host)
        self.waiting.wake_on(placed.host)

    def leave(self, worker: WorkerState) -> None:
        """Takes back what `enter` gave."""
        self._hosts.give_back(worker.host, worker.claim)
        self._drained = self._alone_runs
        self._alone_runs = False
        self._locks.release(worker.locks, worker.host)
        for lock in worker.locks:
            self.waiting.wake(lock.name, worker.host)
        self.waiting.wake_on(worker.host)

    def hosts_changed(self) -> None:
        """A host was lost or has joined: a lane may claim less than before, or more."""
        self._capacity.hosts_changed()
        self.waiting.offer_again()
        if self._reservation.placed is not None:
            self._renew_reservation(self._reservation.placed)
        for host in self._hosts.live.values():
            self.waiting.wake_on(host)

    def may_continue(self, backlog: float, lane: Lane | None, host: HostState) -> bool:
        """Whether a worker of this host with plain checks may take on more of them, of this lane or of another: nothing
        that needs its CPU comes first.
        """
        if host.gone:
            return False
        if self._reservation.placed is None:
            if self.waiting.alone and self._alone_is_due(backlog):
                return False
        elif self._reservation.blocks(host):
            return False
        claim = self._ready.first(self._capacity.least, host.cpus)
        if lane is None:
            return claim == PLAIN_CLAIM
        return claim is None or (True, self.waiting.urgency(lane)) < self._ready.urgency(claim)

    @property
    def capable(self) -> int:
        """How many more lanes without a reservation could run at once."""
        if self._alone_runs:
            return 0
        if self._reservation.placed is None:
            return self._hosts.capable
        held = self._reservation.held_host
        return 0 if self._reservation.is_of_alone else self._hosts.capable - (0 if held is None else held.capable)

    @property
    def speed_of_next(self) -> float:
        """The speed of the host where the next plain check would begin."""
        return self._hosts.speed_of_next()

    def place(self, lane: Lane) -> Placed:
        """The lane, which has not been offered and needs one CPU, on a host that is `capable` of it."""
        return Placed(lane, self._placement.fitting(lane, PLAIN_CLAIM)[0])

    def _reserved(self, backlog: float) -> Placed | None:
        """What has a reservation, or gets it since it runs alone and is due, if it can start now."""
        while self._reservation.placed is None and self.waiting.alone and self._alone_is_due(backlog):
            self._reserve_alone(heappop(self.waiting.alone)[-1])
        reserved = self._reservation.placed
        if reserved is not None and self._capacity.claim_of(reserved.lane) > reserved.host.cpus:
            self._renew_reservation(reserved)  # its worker was lost, or what tied it to this host was dropped
            reserved = self._reservation.placed
        return None if reserved is None or not self._placement.can_start(*reserved) else self._reservation.end(reserved)

    def _first_startable(self, backlog: float, declined: list[Lane]) -> Placed | None:
        """Adds to `declined` the lanes that should wait for a faster host."""
        least, most = self._capacity.least, self._most_claimable()
        while (claim := self._ready.first(least, most)) is not None:
            lane = self._ready.top(claim)
            if lane.worker is None and self._occupancy.exhausted:
                return None
            passed_over = self._ready.first(least, self._capacity.cpus, before=claim)
            self._ready.pop(claim)
            if claim != self._capacity.claim_of(lane):
                self.waiting.offer(lane)  # its worker was lost
                continue
            host, lock = self._placement.find_host(lane, claim)
            if (
                self._hosts.differ
                and host is not None
                and len(declined) < _MOST_DECLINED
                and self._patience.declines(lane, host, backlog=backlog, now=self._occupancy.now)
            ):
                declined.append(lane)
                continue
            if host is not None:
                if passed_over is not None and self._reserve_if_starved(self._ready.top(passed_over), passed_over):
                    self._ready.pop(passed_over)
                return Placed(lane, host)
            if lock is None and lane.worker is None:
                self.waiting.offer(lane)
                least = PLAIN_CLAIM  # every host that has a worker left needs it for its CPUs
            else:
                self._let_wait(lane, lock)
        return None

    def _most_claimable(self) -> int:
        """How many CPUs a lane without a reservation may claim now. -1: not even one that claims none may start."""
        if self._alone_runs or self._reservation.is_of_alone:
            return -1
        return self._hosts.most_free(without=self._reservation.held_host)

    def _let_wait(self, lane: Lane, lock: Lock | None) -> None:
        """The lane cannot start after all: it waits where it is woken as soon as it can."""
        if lane.worker is not None and lane.worker.queue:
            lane.worker.resumable.append(lane)
        elif lock is None and lane.worker is not None:
            if not self._reserve_if_starved(lane, lane.worker.host.cpus):
                lane.worker.host.parked.append(lane)
        elif not self.waiting.has_host(lane):
            self.waiting.park_homeless(lane)
        elif lock is not None and (lane.woken_by is None or not self._reserve_if_starved(lane, self._capacity.cpus)):
            self._locks.park(self.waiting.entry(lane), lock)
        self.waiting.yield_turn(lane)

    def _alone_is_due(self, backlog: float) -> bool:
        if self._occupancy.busy == 0 and (self._drained or not self._ready):
            return True
        behind = self._behind[self.waiting.alone[0][-1].head]
        return behind > 0 and behind * self._capacity.cpus >= backlog

    def _reserve_if_starved(self, lane: Lane, cpus: int) -> bool:
        """Counts that others were preferred to the lane. True if it is starved: it now has the reservation and leaves
        its line.
        """
        lane.overtaken += 1
        if lane.overtaken < ROUNDS * cpus or self._reservation.placed is not None:
            return False
        return self._reservation.make(lane)

    def _reserve_alone(self, lane: Lane) -> None:
        if self._reservation.make(lane):
            return
        if lane.worker is None:
            self.waiting.park_homeless(lane)
        else:
            self.waiting.offer(lane)

    def _renew_reservation(self, placed: Placed) -> None:
        lane = self._reservation.end(placed).lane
        if not self._reservation.make(lane):
            self.waiting.offer(lane)
