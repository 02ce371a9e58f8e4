"""Checks that are over: run, or dropped before they ran."""

from __future__ import annotations

from collections.abc import Container

from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.budget import Budget, Funds
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.dispatch import Dispatch
from pytest_parallel_agents.scheduling.events import DropCheck
from pytest_parallel_agents.scheduling.occupancy import Occupancy
from pytest_parallel_agents.scheduling.reservation import Placed
from pytest_parallel_agents.scheduling.states import Lane


class Completion:
    """`left` counts the plan's checks that are not over. Those that are `cancelled` are dropped or killed."""

    def __init__(
        self,
        checks: int,
        *,
        admission: Admission,
        barriers: Barriers,
        budget: Budget | None,
        capacity: Capacity,
        dispatch: Dispatch,
        commands: CommandBuffer,
        occupancy: Occupancy,
    ) -> None:
        self.left = checks
        self.cancelled: set[int] = set()
        self._admission = admission
        self._barriers = barriers
        self._budget = budget
        self._capacity = capacity
        self._dispatch = dispatch
        self._commands = commands
        self._occupancy = occupancy

    def complete(self, check: int) -> bool:
        """Records that a check is over. Returns whether others may start now."""
        self.left -= 1
        self._capacity.forget(check)
        freed = self._barriers.finish(check)
        for lane in freed:
            self._dispatch.offer(lane)
        return bool(freed)

    def drop(self, check: int, *, is_unaffordable: bool = False) -> None:
        """Drops a check that no worker has."""
        self._dispatch.forget(check)
        self._commands.add(DropCheck(check, is_unaffordable=is_unaffordable))
        if self._budget is not None:
            self._budget.settle(check, 0.0)
        self.complete(check)

    def settle(self, budget: Budget) -> None:
        """Goes through the lanes that wait for money: some may begin now, and some never, which may free others."""
        changed = True
        while changed:
            changed = sum(self._settle(lane, budget.funds(lane.head)) for lane in list(budget.waiting)) > 0

    def _settle(self, lane: Lane, funds: Funds) -> bool:
        """Whether something has changed."""
        if lane.head in self.cancelled:
            self._drop_head(lane)
        elif funds is Funds.USED_UP:
            self._drop_head(lane, is_unaffordable=True)
        elif funds is Funds.LEFT:
            self._dispatch.offer(lane)
        else:
            return False
        return True

    def drop_from(self, lane: Lane, checks: Container[int]) -> None:
        """Drops these of the lane, but for its head: that stands in a line for what it needs, and waits its turn."""
        dropped = [check for check in lane.rest(1) if check in checks]
        lane.drop(dropped)
        for check in dropped:
            self.drop(check)

    def skip(self, placed: Placed) -> None:
        """Drops the head of a lane that has just been chosen."""
        self._admission.decline(placed)
        self._drop_head(placed.lane)
        if self._budget is not None:
            self.settle(self._budget)  # it may have reserved what others wait for

    def drop_homeless(self) -> bool:
        """Drops what is cancelled and no host could run. Returns whether there was any."""
        homeless = self._admission.waiting.take_homeless(self.cancelled) if self.cancelled else []
        for lane in homeless:
            self._drop_head(lane)
        return bool(homeless)

    def put_off(self, placed: Placed, budget: Budget) -> None:
        """A lane that has just been chosen, for which a host has come too late: others have the money for its head."""
        self._admission.decline(placed)
        budget.waiting[placed.lane] = None
        self._settle(placed.lane, budget.funds(placed.lane.head))

    def _drop_head(self, lane: Lane, *, is_unaffordable: bool = False) -> None:
        if self._budget is not None:
            self._budget.waiting.pop(lane, None)
        dropped = lane.head
        lane.skip()
        self.drop(dropped, is_unaffordable=is_unaffordable)
        if not lane.over:
            self._dispatch.offer(lane)
        elif lane.worker is None:
            self._dispatch.unassigned_lanes -= 1
        else:
            lane.worker.tied_lanes.pop(lane, None)
            if not lane.worker.queue:
                self._occupancy.occupy(lane.worker)
                self._occupancy.vacate(lane.worker)
