"""Lanes go to workers, and come back when others have nothing to do."""

from __future__ import annotations

from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.batches import Batches
from pytest_parallel_agents.scheduling.events import Assign
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.orders import Orders
from pytest_parallel_agents.scheduling.pool import Pool, Worker


class Dispatch:
    """`loose` is how many lanes are not over and have no worker."""

    def __init__(self, lanes: int, *, admission: Admission, batches: Batches, pool: Pool, orders: Orders) -> None:
        self.loose = lanes
        self._admission = admission
        self._batches = batches
        self._pool = pool
        self._orders = orders

    def assign(self, lane: Lane) -> None:
        """Give the lane, which admission has just let out, and what goes along with it to a worker."""
        worker = lane.worker or self._pool.candidate() or self._orders.hire()
        self._pool.occupy(worker)
        self._admission.enter(lane, worker)
        self._hand(lane, worker)

    def top_up(self, worker: Worker) -> None:
        """Give a busy worker more of the same when it would have run dry before it is heard of again.

        Not while somebody waits for CPUs or something else would have to start first: then it may run dry.
        """
        if worker.recalled or worker.then is not None or len(worker.queue) > worker.low:
            return
        if not self._admission.lets_go_on(self._batches.backlog):
            return
        worker.low = self._batches.low(worker.queue)  # the pace of the unknown ones may be another by now
        if len(worker.queue) <= worker.low and (lane := self._batches.another(worker.queue[-1])) is not None:
            self._hand(lane, worker)

    def steal(self) -> None:
        """Have as much returned as idle CPUs could take on, so that no check waits behind a long one."""
        hungry = min(self._admission.claimable(), self._pool.available) - self._pool.recalls
        while hungry > 0 and (worker := self._pool.richest()) is not None:
            self._orders.recall(worker)
            hungry -= 1

    def release(self) -> None:
        """Let idle workers go that will not be needed any more."""
        self._orders.release(self._pool.superfluous(self.loose + self._pool.spare))

    def _hand(self, lane: Lane, worker: Worker) -> None:
        batch = self._batches.gather(lane)
        for one in batch.lanes:
            self.loose -= one.worker is None
            one.worker = worker
            worker.held.pop(one, None)
        self._pool.endow(worker, worker.spare + len(batch.lanes) - (not worker.queue))
        assigned = Assign(worker.name, batch.segments, batch.then)
        worker.queue.extend(assigned.checks)
        worker.then = batch.then
        worker.low = self._batches.low(worker.queue)
        self._orders.give(assigned)
