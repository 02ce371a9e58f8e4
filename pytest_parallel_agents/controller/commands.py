"""Reports events to the scheduler, and executes its commands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pytest_parallel_agents.controller.check_ends import CheckEnds
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.results.failure_text import timeout_message
from pytest_parallel_agents.controller.stop_reason import Interrupted
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.worker_ends import WorkerEnds
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.termination import Cancelled, RunningAttempt, TimedOut
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.model.hosts import LOCAL
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.transports.base import HostLost
from pytest_parallel_agents.wire import messages

JOIN_SECONDS: Final = 60.0
"""How long a run waits for a host to join when no other can run what is left."""


class Commands:
    """With `ahead` workers know what follows each check before they begin it."""

    def __init__(
        self,
        scheduler: Scheduler,
        pool: WorkerPool,
        check_ends: CheckEnds,
        stopping: Stopping,
        pending: PendingEvents,
        *,
        worker_ends: WorkerEnds,
        ahead: bool = False,
    ) -> None:
        self._scheduler = scheduler
        self._pool = pool
        self._check_ends = check_ends
        self._worker_ends = worker_ends
        self._stopping = stopping
        self._pending = pending
        self._ahead = ahead
        self._stranded_since = math.inf
        self.now = pending.now

    def begin(self) -> None:
        """The run begins."""
        self._pending.put(events.RunStarted(time=self.now()))
        self.run_pending()

    def run_pending(self) -> None:
        """Reports all pending events to the scheduler, and executes its commands."""
        while self._pending:
            self._execute(self._scheduler.handle(self._pending.take()))

    def take_joined(self) -> None:
        """Reports hosts that have joined to the scheduler."""
        for host in self._pool.take_joined():
            self._pending.put(events.HostJoined(host=host, time=self.now()))

    def awaits_host(self) -> bool:
        """Whether only a host that joins can go on. Ends the run once none has for a while, or none can."""
        if not self._scheduler.stranded or self._stopping.reason is not None:
            self._stranded_since = math.inf
            return False
        now = self.now()
        self._stranded_since = min(self._stranded_since, now)
        if self._pool.may_grow and now - self._stranded_since < JOIN_SECONDS:
            return True
        reasons = filter(None, (self._pool.hosts_lost or self._lacking(), self._pool.hosts_refused))
        self._stopping.request(Interrupted(f"no worker could be started: {'; '.join(reasons)}"))
        self.run_pending()
        return False

    def _lacking(self) -> str:
        names = ", ".join(self._scheduler.needed)
        left = counted(len(self._scheduler.unstarted), "remaining check")
        if not names:
            return f"no host is left for {left}"
        return f"no host has {names} for {left} (name one that has it with --tx, or raise its capacity)"

    def forget_pending(self) -> None:
        """The run ends at once: drops pending events, so that no worker begins anything."""
        while self._pending:
            self._pending.take()

    @property
    def deadline(self) -> float | None:
        """When the scheduler needs a tick, in seconds since the run's start."""
        return self._scheduler.deadline

    def tick(self, now: float) -> None:
        """Sends the scheduler a tick if one is due."""
        deadline = self._scheduler.deadline
        if deadline is not None and deadline <= now:
            self._pending.put(events.Tick(time=now))
            self.run_pending()

    def _execute(self, commands: Sequence[events.Command]) -> None:
        """Workers here begin before those on hosts have started, which takes longer."""
        started: dict[str, list[str]] = {}
        for command in commands:
            if isinstance(command, events.StartWorker):
                started.setdefault(command.host, []).append(command.worker)
        if started:
            self._pool.request(started)
        left = [command for command in commands if not isinstance(command, events.StartWorker)]
        for host in sorted(started, key=lambda host: host != LOCAL):
            self._start(started[host], host)
            left = [command for command in left if not self._reach(command)]
        for command in left:
            self._reach(command)

    def _reach(self, command: events.Command) -> bool:
        """Executes the command if there is what it concerns."""
        if isinstance(command, events.DropCheck):
            ended = self._check_ends.unaffordable if command.is_unaffordable else self._check_ends.dropped
            ended(command.check)
        elif (worker := self._pool.live.get(command.worker)) is not None:
            self._send(worker, command)
        else:
            return False
        return True

    def _start(self, names: Sequence[str], host: str) -> None:
        try:
            self._pool.start(names, host)
        except HostLost as fault:
            self._worker_ends.host_lost(host, str(fault), self.now())
            for name in names:
                self._pending.put(events.WorkerLost(worker=name, running=None, time=self.now()))
        except OSError as error:
            self._stopping.request(Interrupted(f"no worker could be started: {error}"))

    def _send(self, worker: RemoteWorker, command: events.Command) -> None:
        match command:
            case events.AssignLanes(lanes=lanes, next_check=next_check):
                worker.assignments.add(command.checks)
                worker.send(messages.Assign(lanes, next_check, self._check_ends.tried(lanes), waits=self._ahead))
            case events.RecallLanes(rest=rest):
                worker.send(messages.Recall(rest))
            case events.BeginLast():
                worker.send(messages.GoOn())
            case events.ReleaseWorker():
                worker.send(messages.Finish())
            case events.EndCheck(check=check, late=late):
                self._end(worker, check, late=late)

    def _end(self, worker: RemoteWorker, check: int, *, late: bool) -> None:
        """Ends the check that the worker runs. Between two attempts none is late."""
        now = self.now()
        if not late:
            worker.terminate(Cancelled(check), now)
        elif worker.attempt is not None and worker.termination is None:
            setup = self._pool.setup_phrase(worker.name)
            message = timeout_message(self._check_ends.store.check(check).timeout, worker.name, setup)
            attempt = RunningAttempt(check, worker.attempt.start)
            worker.terminate(TimedOut(attempt, now, message, worker.last_output()), now)
