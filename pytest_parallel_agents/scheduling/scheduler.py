"""The scheduler: a state machine that hears events and answers with commands."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import assert_never

from pytest_parallel_agents.model import Plan
from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.batches import Batches
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.deadlines import Deadlines
from pytest_parallel_agents.scheduling.dispatch import Dispatch
from pytest_parallel_agents.scheduling.events import (
    Begin,
    Cancel,
    Command,
    Drop,
    Event,
    Finished,
    Heard,
    Lost,
    Returned,
    Started,
    Stop,
    Tick,
)
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.orders import Orders
from pytest_parallel_agents.scheduling.pool import Pool, Worker
from pytest_parallel_agents.scheduling.priorities import fill_in, from_both_ends, priorities, urgent_paths


class Scheduler:
    """Decides which worker runs which check when.

    `estimates`: seconds by check index, absent where nothing is known. `cpus`: how many CPUs may be claimed at a time.
    `max_workers`: how many workers may live at a time; more than `cpus` serve checks that claim no CPU, and stand in
    for workers whose lane waits. `in_order`: whether checks of which nothing is known begin as they were collected.

    The same events give the same commands. Events of a worker that was lost or released are ignored.
    """

    def __init__(
        self, plan: Plan, *, estimates: Mapping[int, float], cpus: int, max_workers: int, in_order: bool = False
    ) -> None:
        blind = plan.checks.keys().isdisjoint(estimates)
        order = from_both_ends(plan, cpus=cpus) if blind and cpus > 1 and not in_order else sorted(plan.checks)
        seconds = fill_in(plan, estimates)
        paths = urgent_paths(plan, seconds)
        behind = {index: paths.seconds[index] - seconds[index] for index, check in plan.checks.items() if check.alone}
        capacity = Capacity(plan, cpus=cpus, workers=max_workers)
        self._checks = plan.checks
        self._lanes = [Lane(checks) for checks in plan.lanes]
        self._lane_of = {check: lane for lane in self._lanes for check in lane.checks}
        self._capacity = capacity
        self._pool = Pool(max_workers)
        self._barriers = Barriers(plan.predecessors)
        self._admission = Admission(plan, priorities(paths, order), behind, capacity=capacity, pool=self._pool)
        unknown = plan.checks.keys() - estimates.keys()
        self._batches = Batches(
            plan, seconds, unknown, capacity=capacity, ready=self._admission.ready, barriers=self._barriers
        )
        self._deadlines = Deadlines()
        self._orders = Orders(self._pool)
        self._dispatch = Dispatch(
            len(self._lanes), admission=self._admission, batches=self._batches, pool=self._pool, orders=self._orders
        )
        self._left = len(plan.checks)
        self._cancelled: set[int] = set()
        self._stopped = False

    @property
    def done(self) -> bool:
        """Whether every check is over, or after Stop every one that had started."""
        return (self._left == 0 or self._stopped) and self._pool.busy == 0

    @property
    def deadline(self) -> float | None:
        """When the next time limit of a running check passes."""
        return self._deadlines.earliest

    @property
    def unstarted(self) -> tuple[int, ...]:
        """The checks that are neither over nor running, by index. After Stop, and once done, they never will be."""
        running = {worker.running for worker in self._pool.workers.values()}
        return tuple(sorted(check for lane in self._lanes for check in lane.rest() if check not in running))

    def handle(self, event: Event) -> list[Command]:  # noqa: C901 - one case for each event
        """What is to be done now that this happened, in the order in which it is to be done."""
        match event:
            case Started():
                self._on_started(event)
            case Finished():
                self._on_finished(event)
            case Heard():
                self._on_heard(event)
            case Returned():
                self._on_returned(event)
            case Lost():
                self._on_lost(event)
            case Tick():
                for worker, check in self._deadlines.due(event.time):
                    self._orders.kill(worker, check, late=True)
            case Cancel():
                self._on_cancel(event)
            case Begin():
                self._on_begin()
            case Stop():
                self._on_stop()
            case _:
                assert_never(event)
        return self._orders.taken()

    def _on_begin(self) -> None:
        for lane in self._lanes:
            self._offer(lane)
        self._decide()
        self._orders.hires_first()

    def _on_started(self, event: Started) -> None:
        worker = self._pool.workers.get(event.worker)
        if worker is None:
            return
        worker.running = event.check
        timeout = self._checks[event.check].timeout
        if event.check in self._cancelled:
            self._orders.kill(worker, event.check, late=False)
        elif timeout is not None:
            self._deadlines.add(event.time + timeout, worker, event.check)

    def _on_finished(self, event: Finished) -> None:
        worker = self._pool.workers.get(event.worker)
        if worker is None:
            return
        lane = self._lane_of[event.check]
        worker.running = None
        worker.queue.popleft()
        lane.position += 1
        freed = self._conclude(event.check)
        if event.seconds is not None:
            self._batches.learn(event.check, event.seconds)
        if lane.over or not worker.queue or worker.queue[0] != lane.head:
            self._leave_queue(lane, worker)
        if not worker.queue:
            self._vacate(worker)
        if freed or not worker.queue:
            self._decide()

    def _on_heard(self, event: Heard) -> None:
        worker = self._pool.workers.get(event.worker)
        if worker is not None and worker.queue and not self._stopped:
            self._dispatch.top_up(worker)

    def _on_returned(self, event: Returned) -> None:
        worker = self._pool.workers.get(event.worker)
        if worker is None:
            return
        self._pool.set_recalled(worker, recalled=False)
        if event.checks:
            self._take_back(worker, event.checks)
        self._decide()

    def _on_lost(self, event: Lost) -> None:
        worker = self._pool.workers.get(event.worker)
        if worker is None:
            return
        over = event.running if event.running in worker.queue else None
        queued = dict.fromkeys(self._lane_of[check] for check in worker.queue)
        self._pool.remove(worker)
        worker.running = None
        if worker.queue:
            self._admission.leave(worker)
            self._batches.put_back(check for check in worker.queue if check != over)
        if over is not None:
            self._conclude(over)
        for lane in (*queued, *worker.held):
            lane.restart(without=over)
            self._dispatch.loose += not lane.over
        for lane in (*queued, *worker.aside):
            if not lane.over:
                self._thin(lane, self._cancelled)
                self._offer(lane)
        self._decide()

    def _on_cancel(self, event: Cancel) -> None:
        self._cancelled.update(event.checks)
        self._batches.single_out(event.checks)
        assigned: set[int] = set()
        for worker in self._pool.workers.values():
            assigned.update(worker.queue)
            if worker.running in self._cancelled:
                self._orders.kill(worker, worker.running, late=False)
            if any(check in self._cancelled for check in worker.queue if check != worker.running):
                self._orders.recall(worker, rest=True)
        loose = {check for check in event.checks if check not in assigned}
        for lane in dict.fromkeys(self._lane_of[check] for check in event.checks):
            self._thin(lane, loose)
        self._decide()

    def _on_stop(self) -> None:
        self._stopped = True
        for worker in self._pool.workers.values():
            if len(worker.queue) > (worker.running is not None):
                self._orders.recall(worker, rest=True)
        self._decide()

    def _decide(self) -> None:
        if self._stopped:
            self._orders.release(self._pool.idle())
            return
        self._admission.resume()
        while (lane := self._admission.choose(self._batches.backlog)) is not None:
            if lane.head in self._cancelled:
                self._skip(lane)
            else:
                self._dispatch.assign(lane)
        self._dispatch.steal()
        self._dispatch.release()

    def _thin(self, lane: Lane, checks: set[int]) -> None:
        """Drops these of the lane, but for its head: that stands in some line for what it needs, and waits its turn."""
        dropped = [check for check in lane.rest(1) if check in checks]
        lane.drop(dropped)
        for check in dropped:
            self._drop(check)

    def _skip(self, lane: Lane) -> None:
        """Drops the head of a lane that has just been chosen."""
        dropped = lane.head
        self._admission.decline(lane)
        lane.position += 1
        self._drop(dropped)
        if not lane.over:
            self._offer(lane)
        elif lane.worker is None:
            self._dispatch.loose -= 1
        else:
            lane.worker.held.pop(lane, None)
            if not lane.worker.queue:
                self._pool.occupy(lane.worker)
                self._pool.vacate(lane.worker)

    def _drop(self, check: int) -> None:
        self._batches.forget(check)
        self._orders.give(Drop(check))
        self._conclude(check)

    def _conclude(self, check: int) -> bool:
        """Notes that a check is over. Returns whether that lets others start."""
        self._left -= 1
        self._capacity.forget(check)
        freed = self._barriers.finish(check)
        for lane in freed:
            self._admission.offer(lane)
        return bool(freed)

    def _leave_queue(self, lane: Lane, worker: Worker) -> None:
        if worker.queue:
            self._pool.spend(worker)
        if not lane.over:
            worker.held[lane] = None
            self._offer(lane)

    def _take_back(self, worker: Worker, checks: tuple[int, ...]) -> None:
        returned = set(checks)
        worker.queue = deque(check for check in worker.queue if check not in returned)
        self._batches.put_back(checks)
        dropped = returned & self._cancelled
        for lane in dict.fromkeys(self._lane_of[check] for check in checks):
            lane.drop(dropped)
            if not lane.over and lane.head not in worker.queue:
                self._untie(lane, worker)
                self._offer(lane)
        for check in sorted(dropped):
            self._drop(check)
        self._pool.endow(worker, max(0, len({self._lane_of[check] for check in worker.queue}) - 1))
        if not worker.queue:
            self._vacate(worker)

    def _untie(self, lane: Lane, worker: Worker) -> None:
        """A lane that has begun goes on where its fixtures are; any other may go elsewhere."""
        if lane.position:
            worker.held[lane] = None
        else:
            lane.worker = None
            self._dispatch.loose += 1

    def _vacate(self, worker: Worker) -> None:
        self._pool.vacate(worker)
        self._admission.leave(worker)
        for lane in worker.aside:
            self._admission.offer(lane)
        worker.aside.clear()

    def _offer(self, lane: Lane) -> None:
        if self._barriers.is_open(lane.head):
            self._admission.offer(lane)
        else:
            self._barriers.wait(lane)
