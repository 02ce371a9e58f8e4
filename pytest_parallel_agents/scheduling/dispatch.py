"""Lanes go to workers, and come back when others have nothing to do."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.batches import Batches
from pytest_parallel_agents.scheduling.budget import Budget
from pytest_parallel_agents.scheduling.capacity import PLAIN_CLAIM
from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.cuts import Cuts
from pytest_parallel_agents.scheduling.events import AssignLanes
from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS
from pytest_parallel_agents.scheduling.long_parts import LongParts
from pytest_parallel_agents.scheduling.occupancy import Occupancy
from pytest_parallel_agents.scheduling.reservation import Placed
from pytest_parallel_agents.scheduling.states import Lane, WorkerState

_SLACK = 0.03
"""The share of the remaining time by which a long part may begin too late, for the sake of the checks before it."""


class Dispatch:
    """`unassigned_lanes` counts the lanes that are not over and have no worker."""

    def __init__(
        self,
        lanes: int,
        *,
        cpus: int,
        admission: Admission,
        batches: Batches,
        cuts: Cuts,
        long: LongParts,
        barriers: Barriers,
        budget: Budget | None,
        occupancy: Occupancy,
        commands: CommandBuffer,
    ) -> None:
        self.unassigned_lanes = lanes
        self._cpus = cpus
        self._cuts = cuts
        self._long = long
        self._barriers = barriers
        self._budget = budget
        self._admission = admission
        self._waiting = admission.waiting
        self._batches = batches
        self._occupancy = occupancy
        self._commands = commands

    def offer(self, lane: Lane) -> None:
        """Queues the lane, or lets it wait for other checks or for money. One that no host can run reserves none, since
        it may never begin.
        """
        if not self._barriers.is_open(lane.head):
            self._barriers.wait(lane)
        elif self._budget is None or self._budget.admits(lane, reserves=self._waiting.has_host(lane)):
            self._waiting.offer(lane)

    def assign(self, placed: Placed) -> None:
        """Sends the lane, which admission has just let out, to a worker of its host, with what goes along."""
        lane, host = placed
        worker = lane.worker or host.candidate or self._commands.start_worker(host)
        self._occupancy.occupy(worker)
        self._admission.enter(lane, worker)
        self._send(lane, worker)

    def top_up(self, worker: WorkerState, lane: Lane) -> None:
        """Sends a busy worker more of the same when it would fall idle before its next message: more of the `lane` that
        is last in its queue, or another one.

        Not while a lane waits for CPUs or something else would have to start first: then it may fall idle.
        """
        if worker.recalls or worker.closing or worker.next_check is not None or len(worker.queue) > worker.low_water:
            return
        worker.low_water = self._batches.low_water(
            worker.queue, worker.host.carried
        )  # the pace of the unknown ones may have changed
        if len(worker.queue) <= worker.low_water and (following := self._next_for(worker, lane)) is not None:
            self._send(following, worker)

    def accepts_more(self, worker: WorkerState) -> bool:
        """Whether other checks may follow the last one that a worker has."""
        return worker.next_check is None and self._batches.is_plain(worker.queue[-1])

    def assign_ahead(self, worker: WorkerState, lane: Lane) -> Lane | None:
        """Sends a worker another check to follow its last one, of this `lane`, if there is one: more of the lane, or
        another lane, or the tail of a stretch, which is returned.
        """
        following = self._next_for(worker, lane)
        tail: Lane | None = None
        if following is None and self._admission.may_continue(self._batches.backlog, lane, worker.host):
            following = tail = self._cuts.cut(worker.host.speed)
            self.unassigned_lanes += tail is not None
        if following is not None:
            self._send(following, worker)
        return tail

    def may_be_needed(self, worker: WorkerState, lane: Lane) -> bool:
        """Whether a worker with this `lane` under way could be needed for more than its queue."""
        if worker.tied_lanes or worker.resumable or lane.following is not None:
            return True
        others = sum(not other.closing for other in self._occupancy.workers.values()) - 1
        return self.unassigned_lanes + len(self._cuts) > others

    def cut(self) -> Lane | None:
        """The tail of a stretch for an idle CPU, if there is one."""
        if not self._cuts or not self._admission.capable:
            return None
        tail = self._cuts.cut(self._admission.speed_of_next)
        self.unassigned_lanes += tail is not None
        return tail

    def cut_due_part(self, lane_of: Mapping[int, Lane]) -> Lane | None:
        """A tail that begins with a long part that is due, if a CPU is idle and nothing as long is ready."""
        if not self._long or not self._admission.capable:
            return None
        backlog = self._batches.backlog
        while (due := self._long.due(backlog)) is not None:
            part, seconds = due
            if any(self._batches.expected(lane.head) >= seconds for lane in self._waiting.ready.leading(PLAIN_CLAIM)):
                return None
            self._long.discard([part])
            slack = max(BATCH_SECONDS, _SLACK * backlog / self._cpus)
            tail = self._cuts.cut_before(part, lane_of[part], slack=slack)
            if tail is not None:
                self.unassigned_lanes += 1
                return tail
        return None

    def forget(self, check: int) -> None:
        """Records that the check was not assigned and never will be."""
        self._batches.forget(check)
        self._long.discard([check])

    def untie(self, lane: Lane, worker: WorkerState) -> None:
        """Nothing more of the lane is assigned. If it has begun, it goes on where its fixtures are. Any other, and the
        next part of a stretch, may go elsewhere.
        """
        if lane.position and not self._batches.begins_part(lane.head):
            worker.tied_lanes[lane] = None
        else:
            lane.worker = None
            self.unassigned_lanes += 1

    def vacate(self, worker: WorkerState) -> None:
        """The worker has nothing to do."""
        self._occupancy.vacate(worker)
        self._admission.leave(worker)
        for lane in worker.resumable:
            self._waiting.offer(lane)
        worker.resumable.clear()

    def steal(self) -> None:
        """Recalls as much as idle CPUs could take on, so that no check waits behind a long one."""
        unserved = self._admission.capable - self._occupancy.recalled
        while unserved > 0 and (worker := self._occupancy.most_stealable()) is not None:
            self._commands.recall(worker)
            unserved -= 1

    def release(self) -> None:
        """Releases the idle workers that will not be needed any more."""
        self._commands.release(
            self._occupancy.superfluous(self.unassigned_lanes + self._occupancy.stealable + len(self._cuts))
        )

    def _next_for(self, worker: WorkerState, lane: Lane) -> Lane | None:
        """More of the `lane` that is last in the worker's queue, or another one, unless something else comes first."""
        following = lane if self._batches.may_follow(lane) else None
        if not self._admission.may_continue(self._batches.backlog, following, worker.host):
            return None
        return following or self._batches.pop_ready_after(worker.queue[-1])

    def _send(self, lane: Lane, worker: WorkerState) -> None:
        if not worker.queue:
            worker.waits_since = self._occupancy.now
        batch = self._batches.gather(lane, worker.host)
        for one, segment in batch.lanes:
            self.unassigned_lanes -= one.worker is None
            one.worker = worker
            worker.tied_lanes.pop(one, None)
            if one.stretch:
                self._cuts.record_assigned(one, segment)
                self._long.discard(segment)
        self._occupancy.set_stealable(worker, worker.queued_units + len(batch.units) - (not worker.queue))
        assigned = AssignLanes(worker.name, batch.units, batch.next_check)
        worker.queue.extend(assigned.checks)
        worker.next_check = batch.next_check
        worker.low_water = self._batches.low_water(worker.queue, worker.host.carried)
        worker.waits = self._occupancy.ahead
        self._commands.add(assigned)
