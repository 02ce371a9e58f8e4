"""Runs a plan in virtual time, with the scheduler that also runs it in real time."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from itertools import chain

import msgspec

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Group, Plan
from pytest_parallel_agents.scheduling.events import (
    AssignLanes,
    CheckFinished,
    ChecksReturned,
    CheckStarted,
    Command,
    EndCheck,
    Event,
    RecallLanes,
    ReleaseWorker,
    RunStarted,
    StartWorker,
    Tick,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.scheduler import Scheduler


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """The events of a run, by check index. Seconds count from the beginning; `decisions` counts the events handled.
    `stranded` are the checks that no host can run.
    """

    starts: Mapping[int, float]
    stops: Mapping[int, float]
    workers: Mapping[int, str]
    makespan: float
    decisions: int
    stranded: Sequence[int] = ()


def simulate(
    plan: Plan,
    *,
    durations: Mapping[int, float],
    estimates: Mapping[int, float],
    hosts: Sequence[Host],
    groups: Sequence[Group] = (),
    speeds: Mapping[str, float] = {},
) -> Simulation:
    """Runs every check for its duration in seconds, on workers that start and answer at once. `speeds` by host: how
    many of these seconds pass there in one.
    """
    scheduler = Scheduler(plan, estimates=estimates, hosts=hosts, groups=groups)
    workers = _SimulatedWorkers(durations, speeds)
    decisions = 0
    event: Event | None = RunStarted(0.0)
    while event is not None:
        for command in scheduler.handle(event):
            workers.execute(command)
        decisions += 1
        event = workers.next_event(scheduler.deadline)
    return Simulation(
        starts=workers.starts,
        stops=workers.stops,
        workers=workers.workers,
        makespan=max(workers.stops.values(), default=0.0),
        decisions=decisions,
        stranded=scheduler.unstarted if scheduler.stranded else (),
    )


class _SimulatedWorkers:
    """Virtual workers. What they report at once comes before what the clock brings."""

    def __init__(self, durations: Mapping[int, float], speeds: Mapping[str, float]) -> None:
        self.starts: dict[int, float] = {}
        self.stops: dict[int, float] = {}
        self.workers: dict[int, str] = {}
        self._durations = durations
        self._speeds = speeds
        self._speed_of: dict[str, float] = {}
        self._now = 0.0
        self._queues: dict[str, deque[deque[int]]] = {}
        self._reports: deque[Event] = deque()
        self._ends: list[tuple[float, int, str]] = []

    def execute(self, command: Command) -> None:
        match command:
            case StartWorker(worker, host):
                self._speed_of[worker] = self._speeds.get(host, 1.0)
                self._queues[worker] = deque()
            case AssignLanes(worker, lanes):
                idle = not self._queues[worker]
                self._queues[worker].extend(map(deque, lanes))
                if idle:
                    self._start_next(worker)
            case RecallLanes(worker):
                under_way, *others = self._queues[worker] or (deque(),)
                self._queues[worker] = deque([under_way] if under_way else [])
                self._reports.append(ChecksReturned(worker, tuple(chain.from_iterable(others)), self._now))
            case EndCheck(worker, check):
                del self._queues[worker]
                self.stops[check] = self._now
                self._reports.append(WorkerLost(worker, check, self._now))
            case ReleaseWorker(worker):
                del self._queues[worker]

    def next_event(self, deadline: float | None) -> Event | None:
        """The scheduler's next event. None when nothing more will happen."""
        if self._reports:
            return self._reports.popleft()
        while self._ends and self._ends[0][1] in self.stops:  # killed
            heappop(self._ends)
        if not self._ends:
            return None
        if deadline is not None and deadline < self._ends[0][0]:
            self._now = deadline
            return Tick(deadline)
        self._now, check, worker = heappop(self._ends)
        return self._finish(worker, check)

    def _finish(self, worker: str, check: int) -> CheckFinished:
        self.stops[check] = self._now
        queue = self._queues[worker]
        queue[0].popleft()
        if not queue[0]:
            queue.popleft()
        if queue:
            self._start_next(worker)
        return CheckFinished(worker, check, self._now, self._seconds(worker, check))

    def _seconds(self, worker: str, check: int) -> float:
        return self._durations[check] / self._speed_of[worker]

    def _start_next(self, worker: str) -> None:
        check = self._queues[worker][0][0]
        self.starts[check] = self._now
        self.workers[check] = worker
        self._reports.append(CheckStarted(worker, check, self._now))
        heappush(self._ends, (self._now + self._seconds(worker, check), check, worker))
