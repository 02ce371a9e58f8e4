"""The workers: who is busy, who is free, who has checks to spare."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from itertools import count, islice

from pytest_parallel_agents.model import Lock
from pytest_parallel_agents.scheduling.lane import Lane


class Worker:
    """One worker, hired and neither released nor lost.

    `queue` holds the assigned checks that are not over; while there are any, the worker has `claim` CPUs and `locks`.
    `held` are the lanes under way here that wait for something, `aside` those of them that only wait for this worker.
    `behind` is how many lanes stand in the queue behind the first, `stealable` how many of them may run elsewhere.
    `then` follows the queue for sure; `low` is how short the queue is when it should get more. One that `waits` does
    not begin its last check before it knows what follows, and one that is `closing` ends when its queue is over.
    """

    __slots__ = (
        *("aside", "behind", "claim", "closing", "held", "locks", "low", "name"),
        *("queue", "recalled", "running", "stealable", "then", "waits"),
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue: deque[int] = deque()
        self.running: int | None = None
        self.claim = 0
        self.locks: tuple[Lock, ...] = ()
        self.held: dict[Lane, None] = {}
        self.aside: list[Lane] = []
        self.behind = 0
        self.stealable = 0
        self.recalled = False
        self.then: int | None = None
        self.low = 0
        self.waits = False
        self.closing = False


class Pool:
    """At most `size` workers, each of which keeps the lane that follows if they look `ahead`.

    Dictionaries serve as sets that keep their order, for the sake of determinism.
    """

    def __init__(self, size: int, *, ahead: bool = False) -> None:
        self.ahead = ahead
        self._ahead = int(ahead)
        self.workers: dict[str, Worker] = {}
        self.stealable = 0
        self.recalls = 0
        self._size = size
        self._hired = 0
        self._free: dict[Worker, None] = {}
        self._tied: dict[Worker, None] = {}
        self._stealable: list[tuple[int, int, Worker]] = []
        self._notes = count()

    @property
    def available(self) -> int:
        """How many can take a new lane without coming between the checks of another."""
        free, room = len(self._free), self._size - len(self.workers)
        return free + room if room > 0 else free  # one may be about to be lost

    @property
    def exhausted(self) -> bool:
        return not (self.available or self._tied)

    @property
    def busy(self) -> int:
        return len(self.workers) - len(self._free) - len(self._tied)

    def narrow(self) -> None:
        """From now on there may be one worker less than there are, and always one."""
        self._size = max(1, len(self.workers) - 1)

    def start_worker(self) -> Worker:
        worker = Worker(f"gw{self._hired}")
        self._hired += 1
        self.workers[worker.name] = worker
        return worker

    def candidate(self) -> Worker | None:
        """The worker that was freed last; when no more can be hired even one that holds a lane."""
        if self._free:
            return next(reversed(self._free))
        if self.available:
            return None
        return next(iter(self._tied))

    def occupy(self, worker: Worker) -> None:
        self._free.pop(worker, None)
        self._tied.pop(worker, None)

    def vacate(self, worker: Worker) -> None:
        if worker.closing:
            self.remove(worker)
        else:
            (self._tied if worker.held else self._free)[worker] = None

    def remove(self, worker: Worker) -> None:
        del self.workers[worker.name]
        self.occupy(worker)
        self.set_stealable(worker, 0)
        self.set_recalled(worker, recalled=False)

    def superfluous(self, needed: int) -> list[Worker]:
        """The idle workers that hold no lane beyond the number that may still be needed."""
        return list(islice(self._free, max(0, len(self._free) - needed)))

    def idle(self) -> list[Worker]:
        return [*self._free, *self._tied]

    def set_stealable(self, worker: Worker, behind: int) -> None:
        """Set how many lanes the worker has behind the first, and with it how many of them may run elsewhere."""
        worker.behind = behind
        stealable = behind - self._ahead if behind else 0
        self.stealable += stealable - worker.stealable
        worker.stealable = stealable
        if stealable:
            heappush(self._stealable, (-stealable, next(self._notes), worker))

    def consume(self, worker: Worker) -> None:
        """The worker came to the next lane of its queue. Its notes stay as they are until they come to the top."""
        worker.behind -= 1
        if worker.stealable:
            self.stealable -= 1
            worker.stealable -= 1

    def set_recalled(self, worker: Worker, *, recalled: bool) -> None:
        self.recalls += recalled - worker.recalled
        worker.recalled = recalled

    def most_stealable(self) -> Worker | None:
        """The worker with most to spare of those that were not asked yet."""
        while self._stealable:
            noted, _, worker = heappop(self._stealable)
            if not worker.stealable or worker.recalled:
                continue
            if -noted == worker.stealable:
                return worker
            heappush(self._stealable, (-worker.stealable, next(self._notes), worker))
        return None
