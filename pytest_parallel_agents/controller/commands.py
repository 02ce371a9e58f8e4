"""Carries out the scheduler's commands, and keeps what each worker has been given by them."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_parallel_agents.controller.assignments import Assignments, Misreported
from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.outcomes import Outcomes
from pytest_parallel_agents.controller.pending_retries import PendingRetries
from pytest_parallel_agents.controller.replay import Replay
from pytest_parallel_agents.controller.results import ResultStore
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.stop_reason import Halt
from pytest_parallel_agents.controller.termination import Terminations
from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages


class Commands:
    """`assignments` are those of the workers that are not known to have ended, by their names."""

    def __init__(
        self,
        *,
        pool: WorkerPool,
        clocks: Clocks,
        outcomes: Outcomes,
        terminations: Terminations,
        store: ResultStore,
        replay: Replay,
        pending_retries: PendingRetries,
        running_checks: RunningChecks,
        least_reports: int,
    ) -> None:
        self.assignments: dict[str, Assignments] = {}
        self._pool = pool
        self._clocks = clocks
        self._outcomes = outcomes
        self._terminations = terminations
        self._store = store
        self._replay = replay
        self._pending_retries = pending_retries
        self._running_checks = running_checks
        self._least_reports = least_reports

    def execute(self, commands: Sequence[events.Command]) -> Halt | None:
        """Do all of it. Returns why the run has to end, if no worker is to be had."""
        halt = None
        started = [command.worker for command in commands if isinstance(command, events.StartWorker)]
        if started:
            self.assignments.update((worker, Assignments(self._store.name, self._least_reports)) for worker in started)
            try:
                self._pool.start(started)
            except OSError as error:
                halt = Halt(f"no worker could be started: {error}")
        for command in commands:
            match command:
                case events.AssignLanes(worker=worker, lanes=lanes, next_check=next_check):
                    self.assignments[worker].add(command.checks)
                    self._pool.assign(worker, lanes, next_check, self._pending_retries.of(lanes))
                case events.RecallLanes(worker=worker, rest=rest):
                    self._pool.tell(worker, messages.Recall(rest))
                case events.BeginLast() | events.ReleaseWorker():
                    order = messages.GoOn() if isinstance(command, events.BeginLast) else messages.Finish()
                    self._pool.tell(command.worker, order)
                case events.EndCheck(worker=worker, check=check, late=late):
                    start = self._running_checks.since(worker)
                    if start is not None or not late:  # between two attempts nothing is late
                        why = self._replay.timeout_message(check, worker, self._pool.setup(worker)) if late else ""
                        self._terminations.begin(worker, check, start, why, self._clocks.now())
                case events.DropCheck(check=check):
                    self._outcomes.dropped(check)
        return halt

    def misreports(self, worker: str, news: messages.WorkerMessage) -> str:
        """What is wrong with a message, as text that fits after the worker's name; empty if it is right."""
        try:
            self.assignments[worker].note(news)
        except Misreported as fault:
            return str(fault)
        return ""
