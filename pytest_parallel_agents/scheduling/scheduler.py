"""The scheduler: a state machine that takes events and returns commands."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import assert_never

from pytest_parallel_agents.model.plan import Group, Plan
from pytest_parallel_agents.scheduling.begun import Begun
from pytest_parallel_agents.scheduling.components import assemble
from pytest_parallel_agents.scheduling.deadlines import Deadlines
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
from pytest_parallel_agents.scheduling.hosts import Host
from pytest_parallel_agents.scheduling.occupancy import WorkerState


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
        self._checks = plan.checks
        self._seams = components.seams
        self._lanes = components.lanes
        self._hosts = components.hosts
        self._occupancy = components.occupancy
        self._admission = components.admission
        self._batches = components.batches
        self._cuts = components.cuts
        self._spread_delay = components.spread_delay
        self._patience = components.patience
        self._deadlines = Deadlines()
        self._commands = components.commands
        self._dispatch = components.dispatch
        self._lookahead = components.lookahead
        self._completion = components.completion
        self._budget = components.budget
        self._stopped = False
        self._may_lack_host = bool(plan.per_host)

    @property
    def done(self) -> bool:
        """Whether every check is over, or after RunStopped every one that had started."""
        return (self._completion.left == 0 or self._stopped) and self._occupancy.busy == 0

    @property
    def stranded(self) -> bool:
        """Whether checks are left that no host can run, once the run has begun: all hosts are lost, or none of them has
        the resources. Only HostJoined can change that.
        """
        may_be = self._may_lack_host or not self._hosts.live
        return may_be and not self._stopped and self._completion.left > 0 and self._occupancy.busy == 0

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

    def handle(self, event: Event) -> list[Command]:  # noqa: C901, PLR0912 - one case for each event
        """The commands that follow from this event, in the order in which they are to be executed."""
        self._occupancy.now = event.time
        match event:
            case CheckStarted():
                self._on_started(event)
            case CheckFinished():
                self._on_finished(event)
            case WorkerCaughtUp():
                self._on_caught_up(event)
            case ChecksReturned():
                self._on_returned(event)
            case WorkerLost():
                self._on_lost(event)
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
        if self._occupancy.ahead and not self._stopped:
            self._lookahead.update()
        return self._commands.drain()

    def _on_begin(self) -> None:
        for checks in (self._begun.running, self._begun.over):
            for check in checks:
                self._dispatch.offer(self._lanes.by_check[check])
            self._assign_ready()
        begun = self._begun.checks
        for lane in self._lanes:
            if not begun or lane.head not in begun:
                self._dispatch.offer(lane)
        self._decide()
        self._commands.put_starts_first()

    def _on_tick(self, event: Tick) -> None:
        for worker, check in self._deadlines.due(event.time):
            self._commands.end_check(worker, check, late=True)
        if self._spread_delay.ends(event.time) or self._patience.ends(event.time):
            self._decide()

    def _on_started(self, event: CheckStarted) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is None:
            return
        worker.running = event.check
        if worker.waits_since is not None:
            self._occupancy.note_start(worker, event.time)
        if self._spread_delay.active:
            self._spread_delay.note_start(event.time)
        timeout = self._checks[event.check].timeout
        if event.check in self._completion.cancelled:
            self._commands.end_check(worker, event.check, late=False)
        elif timeout is not None:
            self._deadlines.add(event.time + timeout, worker, event.check)

    def _on_finished(self, event: CheckFinished) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is None:
            return
        lane = self._lanes.by_check[event.check]
        if worker.waits_since is not None:
            self._occupancy.note_start(worker, event.time - (event.seconds or 0.0))
        worker.running = None
        worker.queue.popleft()
        lane.position += 1
        if self._spread_delay.active:
            self._spread_delay.note_start(event.time)
        if self._budget is not None:
            self._budget.settle(event.check, event.cost)
        freed = self._completion.complete(event.check)
        if event.seconds is not None:
            self._learn(worker, event.check, event.seconds)
        leaves = lane.position == lane.assigned
        if worker.queue and (leaves or worker.queue[0] in self._seams):
            self._occupancy.consume(worker)
        if leaves and not lane.over:
            self._dispatch.untie(lane, worker)
            self._dispatch.offer(lane)
        if not worker.queue:
            self._dispatch.vacate(worker)
        if freed or not worker.queue:
            self._decide()

    def _learn(self, worker: WorkerState, check: int, seconds: float) -> None:
        """A check took so long on this worker."""
        if len(self._hosts.live) > 1:
            self._hosts.learn_speed(worker.host, self._batches.estimate(check), seconds)
        self._batches.learn(check, seconds)

    def _on_caught_up(self, event: WorkerCaughtUp) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is not None and worker.queue and not self._stopped:
            self._dispatch.top_up(worker, self._lanes.by_check[worker.queue[-1]])

    def _on_returned(self, event: ChecksReturned) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is None:
            return
        self._occupancy.set_recalled(worker, recalled=False)
        if event.checks:
            self._take_back(worker, event.checks)
        self._decide()

    def _on_lost(self, event: WorkerLost) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is None:
            return
        over = event.running if event.running in worker.queue else None
        queued = self._lanes.holding(worker.queue)
        self._occupancy.remove(worker)
        worker.running = None
        if worker.queue:
            self._admission.leave(worker)
            self._batches.put_back(check for check in worker.queue if check != over)
        if over is not None:
            if self._budget is not None:
                self._budget.settle(over, None)
            self._completion.complete(over)
        for lane in (*queued, *worker.tied_lanes):
            lane.restart(without=over)
            if lane.stretch:
                self._cuts.changed(lane)
            self._dispatch.unassigned_lanes += not lane.over
        self._admission.freed(worker.host)
        for lane in (*queued, *worker.resumable):
            if not lane.over:
                self._completion.drop_from(lane, self._completion.cancelled)
                self._dispatch.offer(lane)
        self._decide()

    def _on_fewer(self, event: OneWorkerFewer) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is not None:
            self._hosts.shrink(worker.host)
            self._admission.hosts_changed()

    def _on_host_joined(self, event: HostJoined) -> None:
        self._hosts.add(event.host)
        self._admission.hosts_changed()
        self._decide()
        self._commands.put_starts_first()

    def _on_host_lost(self, event: HostLost) -> None:
        if self._hosts.remove(event.host) is not None:
            self._may_lack_host = True
            self._admission.hosts_changed()
            self._decide()

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
        self._decide()

    def _on_stop(self) -> None:
        self._stopped = True
        for worker in self._occupancy.workers.values():
            if len(worker.queue) > (worker.running is not None):
                self._commands.recall(worker, rest=True)
        self._decide()

    def _decide(self) -> None:
        if self._stopped:
            self._commands.release(self._occupancy.idle())
            return
        if self._budget is not None:
            self._completion.settle(self._budget)
        self._admission.waiting.resume()
        while self._seams and (tail := self._dispatch.cut_due_part(self._lanes.by_check)) is not None:
            self._lanes.add(tail)
            self._dispatch.assign(self._admission.placed(tail))
        self._assign_ready()
        if not self._spread_delay.active:
            self._spread()
            self._dispatch.steal()
        self._dispatch.release()

    def _spread(self) -> None:
        """Lets idle CPUs go on with the tails of stretches."""
        while self._seams and (tail := self._dispatch.cut()) is not None:
            self._lanes.add(tail)
            self._dispatch.offer(tail)
            self._assign_ready()
            if tail.worker is None and not tail.over:
                break  # something else must come first

    def _assign_ready(self) -> None:
        while (placed := self._admission.choose(self._batches.backlog)) is not None:
            if placed.lane.head in self._completion.cancelled:
                self._completion.skip(placed)
            else:
                self._dispatch.assign(placed)

    def _take_back(self, worker: WorkerState, checks: tuple[int, ...]) -> None:
        returned = set(checks)
        worker.queue = deque(check for check in worker.queue if check not in returned)
        self._batches.put_back(checks)
        dropped = returned & self._completion.cancelled
        for lane, count in Counter(map(self._lanes.by_check.__getitem__, checks)).items():
            lane.assigned -= count
            lane.drop(dropped)
            if not lane.over and lane.position == lane.assigned:
                self._dispatch.untie(lane, worker)
                self._dispatch.offer(lane)
            elif lane.stretch:
                self._cuts.changed(lane)
        for check in sorted(dropped):
            self._completion.drop(check)
        self._occupancy.set_stealable(worker, self._lanes.units(worker.queue))
        if not worker.queue:
            self._dispatch.vacate(worker)
