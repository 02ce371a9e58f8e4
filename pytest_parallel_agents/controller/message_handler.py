"""Handles each message of a worker: once, and straight to the result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from pytest_parallel_agents.controller.attempt_tracker import AttemptTracker
from pytest_parallel_agents.controller.observations import Observations
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.results.replay import Replay
from pytest_parallel_agents.controller.stop_reason import ExitRequested, StopReason, UserMistake, WorkerBroke
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.worker_ends import WorkerEnds
from pytest_parallel_agents.controller.workers.assignments import Misreported
from pytest_parallel_agents.controller.workers.incoming import Arrival, Disconnected
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.termination import supersedes
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages


class MessageHandler:
    """Passes each message to the parts that need it."""

    def __init__(
        self,
        pool: WorkerPool,
        attempts: AttemptTracker,
        worker_ends: WorkerEnds,
        stopping: Stopping,
        pending: PendingEvents,
        *,
        observations: Observations,
        replay: Replay,
        observer: Observer,
    ) -> None:
        self._pool = pool
        self._attempts = attempts
        self._worker_ends = worker_ends
        self._observations = observations
        self._replay = replay
        self._observer = observer
        self._stopping = stopping
        self._pending = pending
        self._sender = ""

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Output within the block may be shown at its end."""
        with self._observer.batch():
            yield
            self._change_sender("")

    def watched(self) -> AbstractContextManager[None]:
        """While workers run checks, people are shown how far the run is."""
        return self._observer.watched()

    def handle(self, arrival: Arrival) -> None:
        """Handles an arrival from a worker, unless its end is known already."""
        if arrival.worker != self._sender:
            self._change_sender(arrival.worker)
        worker = self._pool.live.get(arrival.worker)
        if worker is None:
            return
        if isinstance(arrival, Disconnected):
            self._disconnect(worker, arrival.fault, gap=arrival.gap)
        elif fault := self._take(worker, arrival.message):
            self._disconnect(worker, fault, gap=False)

    def interrupt_all(self) -> None:
        """Raises a KeyboardInterrupt in running checks."""
        for worker in self._pool.live.values():
            worker.process.interrupt()

    def give_up(self) -> None:
        """Takes messages that workers have recorded and cannot send any more. Running checks were interrupted."""
        for worker in list(self._pool.live.values()):
            for message in worker.incoming.unsent():
                if worker.name in self._pool.live:
                    self._take(worker, message)
        for worker in self._pool.live.values():
            if worker.attempt is not None:
                self._attempts.worker_closed(worker)

    def abandon_retries(self) -> None:
        """The run is over: pending retries never run."""
        self._attempts.abandon_retries()

    def _change_sender(self, name: str) -> None:
        """Reports to the scheduler that all messages of the last sender are handled: it may be sent more."""
        if self._sender in self._pool.live:
            self._pending.put(events.WorkerCaughtUp(worker=self._sender, time=self._pending.now()))
        self._sender = name

    def _take(self, worker: RemoteWorker, message: messages.WorkerMessage) -> str:
        """Handles a message. Returns its fault, as text that fits after the worker's name; empty if there is none."""
        try:
            worker.assignments.note(message)
        except Misreported as fault:
            return str(fault)
        if isinstance(message, messages.Sampled | messages.Covered):
            if worker.assignments.has_had(message.check):
                self._observations.note(message)
        elif worker.termination is None or not supersedes(worker.termination, message):
            self._dispatch(worker, message)
        return ""

    def _dispatch(self, worker: RemoteWorker, message: messages.WorkerMessage) -> None:
        match message:
            case messages.Finished():
                self._attempts.finished(worker, message)
            case messages.Started(check, time):
                self._attempts.started(worker, check, time)
            case messages.AttemptFailed():
                self._attempts.failed(worker, message)
            case messages.Late(check, phase):
                self._attempts.late_report(worker, check, phase)
            case messages.Returned(checks):
                event = events.ChecksReturned(worker=worker.name, checks=checks, time=self._pending.now())
                self._pending.put(event)
            case messages.Warned():
                self._replay.warning(message)
            case messages.Ready():
                self._worker_ends.came_up(worker, message)
            case messages.Halted() if worker.termination is None:
                self._stopping.request(self._stop_reason(worker, message))
            case messages.Closed():
                self._worker_ends.closed(worker, message)

    def _disconnect(self, worker: RemoteWorker, fault: str, *, gap: bool) -> None:
        """A worker has ended without its last message, or one of its messages is wrong.

        Messages that it has recorded and could not send come first. Its last message may have been lost on its way.
        """
        fault = fault or worker.channel_fault()
        if fault:
            worker.kill(fault)
        exit_status = worker.await_exit()
        for message in worker.incoming.unsent():
            if further := self._take(worker, message):
                fault, gap = further, False
                worker.kill(fault)
                exit_status = worker.await_exit()
                break
            if worker.name not in self._pool.live:
                return
        self._worker_ends.lost(worker, exit_status, fault=fault, gap=gap, now=self._pending.now())

    def _stop_reason(self, worker: RemoteWorker, halted: messages.Halted) -> StopReason:
        if halted.usage:
            return UserMistake(halted.reason)
        if not halted.internal:
            return ExitRequested(halted.reason, halted.exit)
        return WorkerBroke(f"worker {worker.name} broke{self._while_running(worker)}:\n{halted.reason}")

    def _while_running(self, worker: RemoteWorker) -> str:
        return f" while it ran {self._attempts.name(worker.attempt.check)}" if worker.attempt is not None else ""
