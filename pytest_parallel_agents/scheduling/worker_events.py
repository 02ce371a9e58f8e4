"""What workers report: how their checks go, what they give back, and that they are lost."""

from __future__ import annotations

from collections import Counter, deque

from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.components import Components
from pytest_parallel_agents.scheduling.deadlines import Deadlines
from pytest_parallel_agents.scheduling.decider import Decider
from pytest_parallel_agents.scheduling.events import (
    CheckFinished,
    ChecksReturned,
    CheckStarted,
    WorkerCaughtUp,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.states import WorkerState


class WorkerEvents:
    """Events of a worker that was lost or released are ignored."""

    def __init__(self, plan: Plan, components: Components, *, deadlines: Deadlines, decider: Decider) -> None:
        self._checks = plan.checks
        self._deadlines = deadlines
        self._decider = decider
        self._seams = components.seams
        self._lanes = components.lanes
        self._hosts = components.hosts
        self._occupancy = components.occupancy
        self._admission = components.admission
        self._batches = components.batches
        self._cuts = components.cuts
        self._spread_delay = components.spread_delay
        self._commands = components.commands
        self._dispatch = components.dispatch
        self._completion = components.completion
        self._budget = components.budget

    def on_started(self, event: CheckStarted) -> None:
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

    def on_finished(self, event: CheckFinished) -> None:
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
            self._decider.decide()

    def on_caught_up(self, event: WorkerCaughtUp) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is not None and worker.queue and not self._decider.stopped:
            self._dispatch.top_up(worker, self._lanes.by_check[worker.queue[-1]])

    def on_returned(self, event: ChecksReturned) -> None:
        worker = self._occupancy.workers.get(event.worker)
        if worker is None:
            return
        self._occupancy.answered(worker)
        if event.checks:
            self._take_back(worker, event.checks)
        self._decider.decide()

    def on_lost(self, event: WorkerLost) -> None:
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
        self._admission.waiting.wake_on(worker.host)
        for lane in (*queued, *worker.resumable):
            if not lane.over:
                self._completion.drop_from(lane, self._completion.cancelled)
                self._dispatch.offer(lane)
        self._decider.decide()

    def _learn(self, worker: WorkerState, check: int, seconds: float) -> None:
        """A check took so long on this worker."""
        if len(self._hosts.live) > 1:
            self._hosts.learn_speed(worker.host, self._batches.estimate(check), seconds)
        self._batches.learn(check, seconds)

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
