"""Checks that are over: they have run, or were dropped and never will."""

from __future__ import annotations

from collections.abc import Container

from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.dispatch import Dispatch
from pytest_parallel_agents.scheduling.events import DropCheck
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.pool import Pool


class Ends:
    """`left` is how many of the plan's checks are not over. Those that are `cancelled` are dropped or killed."""

    def __init__(
        self,
        checks: int,
        *,
        admission: Admission,
        barriers: Barriers,
        capacity: Capacity,
        dispatch: Dispatch,
        commands: CommandBuffer,
        pool: Pool,
    ) -> None:
        self.left = checks
        self.cancelled: set[int] = set()
        self._admission = admission
        self._barriers = barriers
        self._capacity = capacity
        self._dispatch = dispatch
        self._commands = commands
        self._pool = pool

    def conclude(self, check: int) -> bool:
        """Notes that a check is over. Returns whether that lets others start."""
        self.left -= 1
        self._capacity.forget(check)
        freed = self._barriers.finish(check)
        for lane in freed:
            self._admission.offer(lane)
        return bool(freed)

    def drop(self, check: int) -> None:
        """A check that no worker has will never run."""
        self._dispatch.forget(check)
        self._commands.give(DropCheck(check))
        self.conclude(check)

    def thin(self, lane: Lane, checks: Container[int]) -> None:
        """Drops these of the lane, but for its head: that stands in some line for what it needs, and waits its turn."""
        dropped = [check for check in lane.rest(1) if check in checks]
        lane.drop(dropped)
        for check in dropped:
            self.drop(check)

    def skip(self, lane: Lane) -> None:
        """Drops the head of a lane that has just been chosen."""
        dropped = lane.head
        self._admission.decline(lane)
        lane.skip()
        self.drop(dropped)
        if not lane.over:
            self._dispatch.offer(lane)
        elif lane.worker is None:
            self._dispatch.loose -= 1
        else:
            lane.worker.held.pop(lane, None)
            if not lane.worker.queue:
                self._pool.occupy(lane.worker)
                self._pool.vacate(lane.worker)
