"""Handles workers that have ended: by themselves, or without their last message."""

from __future__ import annotations

from collections.abc import Callable

from pytest_parallel_agents.controller.attempt_tracker import AttemptTracker
from pytest_parallel_agents.controller.lost_workers import HOSTS_PER_CHECK, Losses
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.termination import Moved
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages


class WorkerEnds:
    """At most `most_losses` workers may be lost, apart from those whose host is. `note` shows a line to people.

    `late_errors` has the errors at the end of workers' sessions, by their names.
    """

    def __init__(
        self,
        pool: WorkerPool,
        running_checks: RunningChecks,
        attempts: AttemptTracker,
        stopping: Stopping,
        pending: PendingEvents,
        *,
        most_losses: int,
        note: Callable[[str], None],
    ) -> None:
        self._pool = pool
        self._running_checks = running_checks
        self._attempts = attempts
        self._losses = Losses(most_losses)
        self._stopping = stopping
        self._pending = pending
        self._note = note
        self._lost_hosts: set[str] = set()
        self.late_errors: dict[str, str] = {}

    def came_up(self, worker: RemoteWorker, ready: messages.Ready) -> None:
        """A worker has started."""
        self._losses.came_up()
        self._pool.introduced(worker, ready)

    def closed(self, worker: RemoteWorker, message: messages.Closed) -> None:
        """A worker has sent its last message."""
        if message.errors:
            self.late_errors[worker.name] = message.errors
        self._pool.closed(worker, message)
        if worker.termination is None:
            self._attempts.worker_closed(worker)
        else:
            self._attempts.worker_gone(worker)

    def lost(self, worker: RemoteWorker, exit_status: str, *, fault: str, gap: bool, now: float) -> None:
        """A worker has ended without its last message, or counts as lost for this `fault`.

        After a `gap` in its messages it is not known what it ran.
        """
        if fault_of_host := worker.process.host_fault():
            exit_status = self._lost_with_host(worker, fault_of_host, now)
        self._pool.lost(worker, exit_status)
        came_up = worker.assignments.ready or gap  # the message of its start may be missing
        check = worker.assignments.next
        if fault and came_up and check is not None and (gap or worker.attempt is None):
            self._blame(worker, check, now)
        self._attempts.worker_gone(worker, exit_status)
        if worker.termination is None:
            failed = not came_up and not worker.was_killed
            reason = self._losses.count(worker.name, exit_status, failed_to_start=failed)
            if reason is not None:
                self._stopping.request(reason)

    def host_lost(self, host: str, fault: str, now: float) -> None:
        """A host has been lost, with all workers that it has. `fault` begins with its name."""
        if host not in self._lost_hosts:
            self._lost_hosts.add(host)
            self._pending.put(events.HostLost(host=host, time=now))
            self._note(f"host {fault}: its checks run elsewhere")

    def _lost_with_host(self, worker: RemoteWorker, reason: str, now: float) -> str:
        """Its checks go elsewhere. So does the running one, until several hosts were lost with it. Returns how the
        worker has ended.
        """
        self.host_lost(worker.host, f"{worker.host} {reason}", now)
        exit_status = f"was lost: its host {worker.host} {reason}"
        if worker.termination is not None:
            return exit_status
        check = worker.assignments.next
        if check is None or not self._losses.loses_hosts(check):
            worker.termination = Moved()
            return exit_status
        if worker.attempt is None:  # the message of its start was lost with the host
            self._running_checks.started(worker, check, now)
        return f"{exit_status}, as {HOSTS_PER_CHECK - 1} others have with this check,"

    def _blame(self, worker: RemoteWorker, check: int, now: float) -> None:
        """Blames this check, the first that the worker has not reported on, or treats the worker as one that
        ran none.
        """
        self._running_checks.ended(worker, now)
        if self._losses.is_to_blame(check):
            self._running_checks.started(worker, check, now)
