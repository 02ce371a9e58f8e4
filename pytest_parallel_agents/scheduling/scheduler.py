"""The scheduler: a state machine that takes events and returns commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Group, Plan
from pytest_parallel_agents.scheduling.begun import Begun
from pytest_parallel_agents.scheduling.components import assemble
from pytest_parallel_agents.scheduling.deadlines import Deadlines
from pytest_parallel_agents.scheduling.decider import Decider
from pytest_parallel_agents.scheduling.events import (
    CheckFinished,
    ChecksCancelled,
    ChecksReturned,
    CheckStarted,
    Command,
    Event,
    HostJoined,
    HostLost,
    OneWorkerFewer,
    RunStarted,
    RunStopped,
    Tick,
    WorkerCaughtUp,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.worker_events import WorkerEvents


class Scheduler:
    """Decides which worker runs which check when.

    `estimates`: seconds by check index, absent where nothing is known. `hosts`: where workers may be started.
    `in_order`: whether checks of which nothing is known begin as they were collected. Of `groups` that wait for any or
    N of their members the shortest begin. `ahead`: no worker begins a check before it knows which one follows there, as
    far as that can be known. `begun` checks run already, and others are over: they are assigned before all others, so
    that they have what they need. No two of those that run exclude each other.

    The same events give the same commands. Events of a worker that was lost or released are ignored.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        estimates: Mapping[int, float],
        hosts: Sequence[Host],
        groups: Sequence[Group] = (),
        in_order: bool = False,
        ahead: bool = False,
        begun: Begun | None = None,
    ) -> None:
        begun = begun or Begun()
        components = assemble(
            plan,
            estimates=estimates,
            hosts=hosts,
            groups=groups,
            in_order=in_order,
            ahead=ahead,
            begun=begun,
        )
        self._begun = begun
        self._lanes = components.lanes
        self._hosts = components.hosts
        self._occupancy = components.occupancy
        self._admission = components.admission
        self._batches = components.batches
        self._spread_delay = components.spread_delay
        self._patience = components.patience
        self._deadlines = Deadlines()
        self._commands = components.commands
        self._dispatch = components.dispatch
        self._lookahead = components.lookahead
        self._completion = components.completion
        self._decider = Decider(components)
        self._workers = WorkerEvents(plan, components, deadlines=self._deadlines, decider=self._decider)
        self._may_lack_host = bool(plan.per_host)
        self._plan = plan

    @property
    def done(self) -> bool:
        """Whether every check is over, or after RunStopped every one that had started."""
        return (self._completion.left == 0 or self._decider.stopped) and self._occupancy.busy == 0

    @property
    def stranded(self) -> bool:
        """Whether checks are left that no host can run, once the run has begun: all hosts are lost, or none of them has
        the resources. Only HostJoined can change that.
        """
        may_be = self._may_lack_host or not self._hosts.live
        return may_be and not self._decider.stopped and self._completion.left > 0 and self._occupancy.busy == 0

    @property
    def deadline(self) -> float | None:
        """When the next time limit of a running check passes, or it is time to decide anew."""
        found = self._deadlines.earliest
        for other in (self._spread_delay.deadline, self._patience.deadline):
            if other is not None and (found is None or other < found):
                found = other
        return found

    @property
    def unstarted(self) -> tuple[int, ...]:
        """The checks that are neither over nor running, by index. After `RunStopped`, or once done, they never will."""
        running = {worker.running for worker in self._occupancy.workers.values()}
        return tuple(sorted(check for check in self._lanes.unfinished() if check not in running))

    @property
    def needed(self) -> list[str]:
        """The resources of hosts that checks write which are `unstarted`."""
        locks = [lock for check in self.unstarted for lock in self._plan.locks.get(check, ()) if lock.write]
        return sorted(self._plan.per_host.intersection(lock.name for lock in locks))

    def handle(self, event: Event) -> list[Command]:  # noqa: C901, PLR0912 - one case for each event
        """The commands that follow from this event, in the order in which they are to be executed."""
        self._occupancy.now = event.time
        match event:
            case CheckStarted():
                self._workers.on_started(event)
            case CheckFinished():
                self._workers.on_finished(event)
            case WorkerCaughtUp():
                self._workers.on_caught_up(event)
            case ChecksReturned():
                self._workers.on_returned(event)
            case WorkerLost():
                self._workers.on_lost(event)
            case OneWorkerFewer():
                self._on_fewer(event)
            case HostJoined():
                self._on_host_joined(event)
            case HostLost():
                self._on_host_lost(event)
            case Tick():
                self._on_tick(event)
            case ChecksCancelled():
                self._on_cancel(event)
            case RunStarted():
                self._on_begin()
            case RunStopped():
                self._on_stop()
            case _:
                assert_never(event)
        if self._occupancy.ahead and not self._decider.stopped:
            self._lookahead.update()
        return self._commands.drain()

    def _on_begin(self) -> None:
        for checks in (self._begun.running, self._begun.over):
            for check in checks:
                self._dispatch.offer(self._lanes.by_check[check])
            self._decider.assign_ready()
        begun = self._begun.checks
        for lane in self._lanes:
            if not begun or lane.head not in begun:
                self._dispatch.offer(lane)
        self._decider.decide()
        self._commands.put_starts_first()

    def _on_tick(self, event: Tick) -> None:
        for worker, check in self._deadlines.due(event.time):
            self._commands.end_check(worker, check, late=True)
        if self._spread_delay.ends(event.time) or self._patience.ends(event.time):
            self._decider.decide()

    def _on_fewer(self, event: OneWorkerFewer) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is not None:
            self._hosts.shrink(worker.host)

    def _on_host_joined(self, event: HostJoined) -> None:
        self._hosts.add(event.host)
        self._admission.hosts_changed()
        self._decider.decide()
        self._commands.put_starts_first()

    def _on_host_lost(self, event: HostLost) -> None:
        if self._hosts.remove(event.host) is not None:
            self._may_lack_host = True
            self._admission.hosts_changed()
            self._decider.decide()

    def _on_cancel(self, event: ChecksCancelled) -> None:
        self._completion.cancelled.update(event.checks)
        self._batches.never_batch(event.checks)
        assigned: set[int] = set()
        for worker in self._occupancy.workers.values():
            assigned.update(worker.queue)
            if worker.running in self._completion.cancelled:
                self._commands.end_check(worker, worker.running, late=False)
            if any(check in self._completion.cancelled for check in worker.queue if check != worker.running):
                self._commands.recall(worker, rest=True)
        unassigned_lanes = {check for check in event.checks if check not in assigned}
        for lane in self._lanes.holding(event.checks):
            self._completion.drop_from(lane, unassigned_lanes)
        self._admission.waiting.offer_homeless()
        self._decider.decide()

    def _on_stop(self) -> None:
        self._decider.stopped = True
        for worker in self._occupancy.workers.values():
            if len(worker.queue) > (worker.running is not None):
                self._commands.recall(worker, rest=True)
        self._decider.decide()
