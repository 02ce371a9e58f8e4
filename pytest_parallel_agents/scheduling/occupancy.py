"""Which workers are busy, which are free, and which have checks to give back."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count, islice

from pytest_parallel_agents.scheduling.hosts import Hosts
from pytest_parallel_agents.scheduling.states import HostState, WorkerState


class Occupancy:
    """The workers of all hosts. With `ahead` each keeps the lane that follows the one under way. `recalled` counts
    those that have a recall to answer. `now` is the time of the last event.

    Dictionaries serve as sets that keep their order, for the sake of determinism.
    """

    def __init__(self, hosts: Hosts, *, ahead: bool = False) -> None:
        self.ahead = ahead
        self._ahead = int(ahead)
        self.workers: dict[str, WorkerState] = {}
        self.stealable = 0
        self.recalled = 0
        self.now = 0.0
        self._hosts = hosts
        self._started = 0
        self._free: dict[WorkerState, None] = {}
        self._tied: dict[WorkerState, None] = {}
        self._stealable: list[tuple[int, int, WorkerState]] = []
        self._tie_breaker = count()

    @property
    def exhausted(self) -> bool:
        """Whether no host has a worker that can take a lane."""
        return self._hosts.staffed == 0

    @property
    def busy(self) -> int:
        return len(self.workers) - len(self._free) - len(self._tied)

    def start_worker(self, host: HostState) -> WorkerState:
        worker = WorkerState(f"gw{self._started}", host)
        self._started += 1
        self.workers[worker.name] = worker
        host.workers += 1
        self._hosts.changed(host)
        return worker

    def note_start(self, worker: WorkerState, time: float) -> None:
        """Learns how long messages take: the worker began what it had been sent."""
        if worker.waits_since is not None and worker.came_up:
            worker.host.learn_delay(time - worker.waits_since)
        worker.waits_since, worker.came_up = None, True

    def occupy(self, worker: WorkerState) -> None:
        for idle in (self._free, self._tied, worker.host.idle, worker.host.tied):
            idle.pop(worker, None)
        self._hosts.changed(worker.host)

    def vacate(self, worker: WorkerState) -> None:
        if worker.closing:
            self.remove(worker)
            return
        host = worker.host
        for idle in (self._tied, host.tied) if worker.tied_lanes else (self._free, host.idle):
            idle[worker] = None
        self._hosts.changed(host)

    def remove(self, worker: WorkerState) -> None:
        del self.workers[worker.name]
        worker.host.workers -= 1
        self.occupy(worker)
        self.set_stealable(worker, 0)
        self.recalled -= worker.recalls > 0

    def superfluous(self, needed: int) -> list[WorkerState]:
        """The idle workers that hold no lane beyond the number that may still be needed."""
        return list(islice(self._free, max(0, len(self._free) - needed)))

    def idle(self) -> list[WorkerState]:
        return [*self._free, *self._tied]

    def set_stealable(self, worker: WorkerState, queued_units: int) -> None:
        """Sets how many units the worker has behind the first, and with it how many of them may run elsewhere."""
        worker.queued_units = queued_units
        stealable = queued_units - self._ahead if queued_units else 0
        self.stealable += stealable - worker.stealable
        worker.stealable = stealable
        if stealable:
            heappush(self._stealable, (-stealable, next(self._tie_breaker), worker))

    def consume(self, worker: WorkerState) -> None:
        """Records that the worker came to the next unit of its queue. Its heap entries stay as they are until they come
        to the top.
        """
        worker.queued_units -= 1
        if worker.stealable:
            self.stealable -= 1
            worker.stealable -= 1

    def recall(self, worker: WorkerState) -> None:
        """Records that the worker was asked to give back what it has, perhaps once more before its answer."""
        self.recalled += worker.recalls == 0
        worker.recalls += 1

    def answered(self, worker: WorkerState) -> None:
        """Records that the worker has answered a recall. Without one the answer is a forgery of a check."""
        if worker.recalls:
            worker.recalls -= 1
            self.recalled -= worker.recalls == 0

    def most_stealable(self) -> WorkerState | None:
        """The worker that can give back most of those that were not asked yet."""
        while self._stealable:
            recorded, _, worker = heappop(self._stealable)
            if not worker.stealable or worker.recalls:
                continue
            if -recorded == worker.stealable:
                return worker
            heappush(self._stealable, (-worker.stealable, next(self._tie_breaker), worker))
        return None
