"""Lanes go to workers, and come back when others have nothing to do."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.batches import Batches
from pytest_parallel_agents.scheduling.capacity import PLAIN_CLAIM
from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.cuts import Cuts
from pytest_parallel_agents.scheduling.events import AssignLanes
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.long_parts import LongParts
from pytest_parallel_agents.scheduling.pool import Pool, Worker
from pytest_parallel_agents.scheduling.priorities import BATCH_SECONDS

_SLACK = 0.03
"""By what share of the time that is left a long part may begin too late, for the sake of the checks before it."""


class Dispatch:
    """`loose` is how many lanes are not over and have no worker."""

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
        pool: Pool,
        commands: CommandBuffer,
    ) -> None:
        self.loose = lanes
        self._cpus = cpus
        self._cuts = cuts
        self._long = long
        self._barriers = barriers
        self._admission = admission
        self._batches = batches
        self._pool = pool
        self._commands = commands

    def offer(self, lane: Lane) -> None:
        """Put the lane in line, or where it waits for other checks."""
        if self._barriers.is_open(lane.head):
            self._admission.offer(lane)
        else:
            self._barriers.wait(lane)

    def assign(self, lane: Lane) -> None:
        """Give the lane, which admission has just let out, and what goes along with it to a worker."""
        worker = lane.worker or self._pool.candidate() or self._commands.start_worker()
        self._pool.occupy(worker)
        self._admission.enter(lane, worker)
        self._hand(lane, worker)

    def top_up(self, worker: Worker, lane: Lane) -> None:
        """Give a busy worker more of the same when it would have run dry before it is heard of again: more of the
        `lane` that is last in its queue, or another one.

        Not while somebody waits for CPUs or something else would have to start first: then it may run dry.
        """
        if worker.recalled or worker.closing or worker.then is not None or len(worker.queue) > worker.low:
            return
        following = lane if self._batches.may_follow(lane) else None
        if not self._admission.lets_go_on(self._batches.backlog, following):
            return
        worker.low = self._batches.low(worker.queue)  # the pace of the unknown ones may be another by now
        if len(worker.queue) <= worker.low:
            following = following or self._batches.another(worker.queue[-1])
            if following is not None:
                self._hand(following, worker)

    def shares(self, worker: Worker) -> bool:
        """Whether other checks may follow on the last one that a worker has."""
        return worker.then is None and self._batches.is_plain(worker.queue[-1])

    def give_ahead(self, worker: Worker, lane: Lane) -> Lane | None:
        """Give a worker another check to follow on its last one, of this `lane`, if one can be had: more of the lane,
        or another one, or the tail of a stretch, which is returned.
        """
        backlog = self._batches.backlog
        following = lane if self._batches.may_follow(lane) else None
        tail: Lane | None = None
        if self._admission.lets_go_on(backlog, following):
            following = following or self._batches.another(worker.queue[-1])
        if following is None and self._admission.lets_go_on(backlog, lane) and (tail := self._cuts.cut()) is not None:
            self.loose += 1
            following = tail
        if following is not None:
            self._hand(following, worker)
        return tail

    def needs(self, worker: Worker, lane: Lane) -> bool:
        """Whether a worker with this `lane` under way could be needed for more than it has."""
        if worker.held or worker.aside or lane.following is not None:
            return True
        others = sum(not other.closing for other in self._pool.workers.values()) - 1
        return self.loose + len(self._cuts) > others

    def cut(self) -> Lane | None:
        """The tail of a stretch for an idle CPU, if there is one."""
        if not self._cuts or self._idle <= 0:
            return None
        tail = self._cuts.cut()
        self.loose += tail is not None
        return tail

    def timeout_message(self, lane_of: Mapping[int, Lane]) -> Lane | None:
        """A tail that begins with a long part for which it is time, if a CPU is idle and nothing as long is ready."""
        if not self._long or self._idle <= 0:
            return None
        backlog = self._batches.backlog
        while (due := self._long.due(backlog)) is not None:
            part, seconds = due
            if any(self._batches.expected(lane.head) >= seconds for lane in self._admission.ready.leading(PLAIN_CLAIM)):
                return None
            self._long.closed([part])
            slack = max(BATCH_SECONDS, _SLACK * backlog / self._cpus)
            tail = self._cuts.cut_before(part, lane_of[part], slack=slack)
            if tail is not None:
                self.loose += 1
                return tail
        return None

    def forget(self, check: int) -> None:
        """The check was not assigned and never will be."""
        self._batches.forget(check)
        self._long.closed([check])

    def untie(self, lane: Lane, worker: Worker) -> None:
        """Of the lane nothing more is assigned. If it has begun it goes on where its fixtures are; any other, and the
        next part of a stretch, may go elsewhere.
        """
        if lane.position and not self._batches.begins_part(lane.head):
            worker.held[lane] = None
        else:
            lane.worker = None
            self.loose += 1

    def vacate(self, worker: Worker) -> None:
        """The worker has nothing to do."""
        self._pool.vacate(worker)
        self._admission.leave(worker)
        for lane in worker.aside:
            self._admission.offer(lane)
        worker.aside.clear()

    def steal(self) -> None:
        """Have as much returned as idle CPUs could take on, so that no check waits behind a long one."""
        hungry = self._idle - self._pool.recalls
        while hungry > 0 and (worker := self._pool.most_stealable()) is not None:
            self._commands.recall(worker)
            hungry -= 1

    def release(self) -> None:
        """Let idle workers go that will not be needed any more."""
        self._commands.release(self._pool.superfluous(self.loose + self._pool.stealable + len(self._cuts)))

    @property
    def _idle(self) -> int:
        """How many more lanes could run at once."""
        return min(self._admission.claimable(), self._pool.available)

    def _hand(self, lane: Lane, worker: Worker) -> None:
        batch = self._batches.gather(lane)
        for one, segment in batch.lanes:
            self.loose -= one.worker is None
            one.worker = worker
            worker.held.pop(one, None)
            if one.stretch:
                self._cuts.taken(one, segment)
                self._long.closed(segment)
        self._pool.set_stealable(worker, worker.behind + len(batch.units) - (not worker.queue))
        assigned = AssignLanes(worker.name, batch.units, batch.then)
        worker.queue.extend(assigned.checks)
        worker.then = batch.then
        worker.low = self._batches.low(worker.queue)
        worker.waits = self._pool.ahead
        self._commands.give(assigned)
