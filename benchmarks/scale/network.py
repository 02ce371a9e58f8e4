"""Workers of many hosts in virtual time, behind a network that takes time, some of which are lost.

They act as the real ones do: events are sent in batches, when one is old enough or the worker has nothing more to do,
and the start of a check that ended within its batch is left out. The controller handles what has arrived, one message
after the other, each for so many seconds a check.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import chain, count
from time import process_time
from typing import Final

from pytest_parallel_agents.scheduling.events import (
    AssignLanes,
    CheckFinished,
    ChecksReturned,
    CheckStarted,
    Command,
    Event,
    RecallLanes,
    ReleaseWorker,
    RunStarted,
    StartWorker,
    Tick,
    WorkerCaughtUp,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.scheduler import Scheduler

BATCH_SECONDS: Final = 0.05
"""How long a worker collects events, as the real ones do."""

_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Seconds that a message takes one way, that a worker takes to start in the place of a lost one, and that the
    controller takes for a check; the share of the workers that is lost in an hour. The first workers are up at once.
    """

    latency: float
    restart: float = 1.0
    service: float = 0.0
    losses: float = 0.0


@dataclass(slots=True, kw_only=True)
class Ran:
    """What came of it. `makespan` is in virtual seconds; `scheduling` are CPU seconds of the scheduler alone.

    `events` and `commands` count what crossed, `lost` the workers. `busy`: virtual seconds in which the controller had
    something to do.
    """

    over: int = 0
    makespan: float = 0.0
    scheduling: float = 0.0
    events: int = 0
    commands: int = 0
    lost: int = 0
    busy: float = 0.0


@dataclass(slots=True, eq=False)
class _Worker:
    """`batch` are the events that are not sent yet, and `timed` is whether they will be. `begun`: it has run a check of
    the first unit in its queue.
    """

    name: str
    queue: deque[deque[int]] = field(default_factory=deque)
    running: int | None = None
    batch: list[Event] = field(default_factory=list)
    up: bool = False
    begun: bool = False
    timed: bool = False
    dead: bool = False


class Network:
    """Runs one plan. The same arguments give the same run."""

    def __init__(
        self, scheduler: Scheduler, durations: Mapping[int, float], conditions: Conditions, *, seed: int
    ) -> None:
        self._scheduler = scheduler
        self._durations = durations
        self._conditions = conditions
        self._chance = random.Random(seed)  # noqa: S311 - not for secrets
        self._workers: dict[str, _Worker] = {}
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._now = 0.0
        self._free_at = 0.0
        self._over: set[int] = set()
        self._ran = Ran()

    def run(self) -> Ran:
        """Returns when every check is over."""
        self._tell([RunStarted(0.0)])
        while self._agenda and not self._scheduler.done:
            deadline = self._scheduler.deadline
            if deadline is not None and deadline < self._agenda[0][0]:
                self._now = max(self._now, deadline)
                self._tell([Tick(self._now)])
                continue
            self._now, _, action = heappop(self._agenda)
            action()
        self._ran.over = len(self._over)
        return self._ran

    def _tell(self, batch: list[Event]) -> None:
        """The controller handles a message once it is done with those before."""
        service = self._conditions.service * sum(isinstance(event, CheckFinished) for event in batch)
        begun = max(self._now, self._free_at)
        self._free_at = begun + service
        self._ran.busy += service
        if self._free_at > self._now:
            self._after(self._free_at - self._now, lambda: self._handle(batch))
        else:
            self._handle(batch)

    def _handle(self, batch: list[Event]) -> None:
        for event in batch:
            began = process_time()
            commands = self._scheduler.handle(event)
            self._ran.scheduling += process_time() - began
            self._ran.events += 1
            self._ran.commands += len(commands)
            for command in commands:
                self._send(command)

    def _send(self, command: Command) -> None:
        if isinstance(command, StartWorker):
            worker = self._workers[command.worker] = _Worker(name=command.worker)
            start = self._conditions.restart if self._now else 0.0
            self._after(self._conditions.latency + start, lambda: self._come_up(worker))
            if self._conditions.losses:
                self._after(self._chance.expovariate(self._conditions.losses / _HOUR), lambda: self._lose(worker))
        elif isinstance(command, AssignLanes | RecallLanes | ReleaseWorker):
            worker = self._workers[command.worker]
            self._after(self._conditions.latency, lambda: self._execute(worker, command))
        else:
            raise TypeError(f"no check of the load has a time limit, but: {command}")

    def _execute(self, worker: _Worker, command: AssignLanes | RecallLanes | ReleaseWorker) -> None:
        if worker.dead:
            return
        if isinstance(command, AssignLanes):
            worker.queue.extend(map(deque, command.lanes))
            self._go_on(worker)
        elif isinstance(command, RecallLanes):
            kept = [worker.queue.popleft()] if worker.queue and worker.begun else []
            self._report(worker, ChecksReturned(worker.name, tuple(chain.from_iterable(worker.queue)), self._now))
            worker.queue = deque(kept)
            self._flush(worker)
        else:
            worker.dead = True  # it has nothing left to run

    def _come_up(self, worker: _Worker) -> None:
        worker.up = True
        self._go_on(worker)

    def _lose(self, worker: _Worker) -> None:
        """What it has not sent is lost with it. What it was running runs elsewhere, as after the loss of a host."""
        if worker.dead:
            return
        worker.dead = True
        self._ran.lost += 1
        over = [event.check for event in worker.batch if isinstance(event, CheckFinished)]
        self._over.difference_update(over)
        self._after(self._conditions.latency, lambda: self._tell([WorkerLost(worker.name, None, self._now)]))

    def _go_on(self, worker: _Worker) -> None:
        if worker.dead or not worker.up or worker.running is not None:
            return
        if not worker.queue:
            self._flush(worker)
            return
        check = worker.running = worker.queue[0].popleft()
        worker.begun = bool(worker.queue[0])
        if not worker.begun:
            worker.queue.popleft()
        self._report(worker, CheckStarted(worker.name, check, self._now))
        self._after(self._durations[check], lambda: self._finish(worker, check))

    def _finish(self, worker: _Worker, check: int) -> None:
        if worker.dead:
            return
        worker.running = None
        self._over.add(check)
        self._ran.makespan = self._now
        if worker.batch and isinstance(worker.batch[-1], CheckStarted):
            worker.batch.pop()
        self._report(worker, CheckFinished(worker.name, check, self._now, self._durations[check]))
        self._go_on(worker)

    def _report(self, worker: _Worker, event: Event) -> None:
        worker.batch.append(event)
        if len(worker.batch) == 1 and not worker.timed:
            worker.timed = True
            self._after(BATCH_SECONDS, lambda: self._send_old(worker))

    def _send_old(self, worker: _Worker) -> None:
        worker.timed = False
        self._flush(worker)

    def _flush(self, worker: _Worker) -> None:
        if worker.batch and not worker.dead:
            batch, worker.batch = worker.batch, []
            batch.append(WorkerCaughtUp(worker.name, self._now))
            self._after(self._conditions.latency, lambda: self._tell(batch))

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        heappush(self._agenda, (self._now + seconds, next(self._numbers), action))
