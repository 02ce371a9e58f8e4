"""What the scheduler knows of each lane, each worker and each host, which refer to each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from math import exp
from typing import Final

from pytest_parallel_agents.model.hosts import LOCAL, Host
from pytest_parallel_agents.model.plan import Lock
from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS

_DELAYS: Final = 8
"""How many of the last messages the delay of the next is learned from, roughly."""

SPEEDS: Final = 100
"""How many of the last checks the speed of a host is learned from, roughly."""

_DOUBT: Final = 8
"""After so many checks half of the difference that was seen is believed."""

_SMALL_DIFFERENCE: Final = 0.22
"""Logarithm of the ratio of speeds: 1.25."""

_MARGIN: Final = 1.5
"""Work sent ahead, as a multiple of the time of a message to the worker and of its answer. Estimates are rough."""

Priority = tuple[int, int]
"""The lesser goes first. The second number is the check's place among its equals."""


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


class WorkerState:
    """One worker, started and neither released nor lost.

    `queue` holds the assigned checks that are not over; while there are any, the worker has `claim` CPUs and `locks`.
    `tied_lanes` are the lanes under way here that wait for something, `resumable` those of them that wait only for this
    worker. `queued_units` counts the units behind the first in the queue, `stealable` those of them that may run
    elsewhere; `recalls` counts how often it was asked to give them back and has not answered. `next_check` is sure to
    follow the queue; when that is no longer than `low_water`, the worker should get more. One that `waits` does not
    begin its last check before it knows what follows, and one that is `closing` exits when its queue is over.
    `waits_since`: when it was sent something while it had nothing to do, until it begins that.
    The first time does not count: until it `came_up` it was starting.
    """

    __slots__ = (
        *("resumable", "queued_units", "claim", "closing", "tied_lanes", "locks", "low_water", "name"),
        *("queue", "recalls", "running", "stealable", "next_check", "waits", "host", "waits_since", "came_up"),
    )

    def __init__(self, name: str, host: HostState) -> None:
        self.name = name
        self.host = host
        self.queue: deque[int] = deque()
        self.waits_since: float | None = None
        self.came_up = False
        self.running: int | None = None
        self.claim = 0
        self.locks: tuple[Lock, ...] = ()
        self.tied_lanes: dict[Lane, None] = {}
        self.resumable: list[Lane] = []
        self.queued_units = 0
        self.stealable = 0
        self.recalls = 0
        self.next_check: int | None = None
        self.low_water = 0
        self.waits = False
        self.closing = False


class HostState:
    """One host. `free` CPUs are not claimed; `light` checks that run there claim none, and `most_light` may.

    `workers` counts those that live there, of at most `size`. The `idle` ones hold no lane, the `tied` ones do, and
    neither has anything to do. `parked` lanes are under way here and wait until something comes free here.

    `carried`: the seconds of work that one message should carry there, so that the next arrives before it is over.
    `speed`: how many seconds of estimated work it does in one, as far as is known by now.

    `capable`: how many more lanes could run at once. `staffed`: how many workers can take a lane, even if it comes
    between the checks of another. `has_light_room`: one more check that claims no CPU leaves a worker for each CPU.
    """

    __slots__ = (
        *("capable", "capacities", "cpus", "free", "gone", "has_light_room", "idle", "light", "most_light", "name"),
        *("_delay", "_ratio", "_seen", "carried", "speed", "parked", "size", "staffed", "tied", "workers"),
    )

    def __init__(self, host: Host) -> None:
        self.name = host.name
        self.cpus = host.cpus
        self.free = host.cpus
        self.size = host.workers
        self.capacities = host.capacities
        self.light = 0
        self.most_light = host.workers - host.cpus if host.workers > host.cpus else host.workers
        self.workers = 0
        self.idle: dict[WorkerState, None] = {}
        self.tied: dict[WorkerState, None] = {}
        self.parked: list[Lane] = []
        self.gone = False
        self.carried = BATCH_SECONDS
        self.speed = 1.0
        self._delay = 0.0
        self._seen = 0
        self._ratio = 0.0
        self.capable = 0
        self.staffed = 0
        self.has_light_room = False

    def learn_delay(self, seconds: float) -> None:
        """Records how long a message took. Those to this machine take no time that counts."""
        if self.name != LOCAL:
            self._delay += (max(0.0, seconds) - self._delay) / _DELAYS if self._delay else max(0.0, seconds)
            self._set_carried()

    def learn_speed(self, ratio: float, usual: float) -> None:
        """Records how much faster than its estimate a check was, and what is `usual` on all hosts, as logarithms.

        A small difference is none: estimates are rough.
        """
        self._seen += 1
        self._ratio += (ratio - self._ratio) / min(self._seen, SPEEDS)
        difference = (self._ratio - usual) * self._seen / (self._seen + _DOUBT)
        self.speed = exp(difference) if abs(difference) > _SMALL_DIFFERENCE else 1.0
        self._set_carried()

    def _set_carried(self) -> None:
        self.carried = (BATCH_SECONDS + 2 * _MARGIN * self._delay) * self.speed

    @property
    def exhausted(self) -> bool:
        """Whether no worker can take a lane, not even one that holds another."""
        return not self.staffed

    @property
    def candidate(self) -> WorkerState | None:
        """The worker that was freed last; when no more can be started, even one that holds a lane."""
        if self.idle:
            return next(reversed(self.idle))
        return None if self.workers < self.size else next(iter(self.tied))
