"""Decides what starts now, after an event that may have changed that."""

from __future__ import annotations

from pytest_parallel_agents.scheduling.budget import Budget
from pytest_parallel_agents.scheduling.components import Components


class Decider:
    """Once `stopped`, nothing more starts."""

    def __init__(self, components: Components) -> None:
        self.stopped = False
        self._seams = components.seams
        self._lanes = components.lanes
        self._occupancy = components.occupancy
        self._admission = components.admission
        self._batches = components.batches
        self._spread_delay = components.spread_delay
        self._commands = components.commands
        self._dispatch = components.dispatch
        self._completion = components.completion
        self._budget = components.budget

    def decide(self) -> None:
        """Lets start what can, and releases the workers that nothing is left for."""
        if self.stopped:
            self._commands.release(self._occupancy.idle())
            return
        if self._budget is not None:
            self._release_money(self._budget)
            self._completion.settle(self._budget)
        self._admission.waiting.resume()
        while self._seams and (tail := self._dispatch.cut_due_part(self._lanes.by_check)) is not None:
            self._lanes.add(tail)
            self._dispatch.assign(self._admission.place(tail))
        self.assign_ready()
        if not self._spread_delay.active:
            self._spread()
            self._dispatch.steal()
        self._dispatch.release()

    def assign_ready(self) -> None:
        """Assigns what admission lets out, but for what is cancelled."""
        while (placed := self._admission.choose(self._batches.backlog)) is not None:
            if placed.lane.head in self._completion.cancelled:
                self._completion.skip(placed)
            elif self._budget is not None and not self._budget.begins(placed.lane.head):
                self._completion.put_off(placed, self._budget)
            else:
                self._dispatch.assign(placed)
        if self._completion.drop_homeless():
            self.assign_ready()

    def _release_money(self, budget: Budget) -> None:
        """What has reserved and lost the last host that could run it may never begin: others get its money."""
        for check in budget.reserved:
            lane = self._lanes.by_check[check]
            if lane.worker is None and not self._admission.waiting.has_host(lane):
                budget.release(check)

    def _spread(self) -> None:
        """Lets idle CPUs go on with the tails of stretches."""
        while self._seams and (tail := self._dispatch.cut()) is not None:
            self._lanes.add(tail)
            self._dispatch.offer(tail)
            self.assign_ready()
            if tail.worker is None and not tail.over:
                break  # something else must come first
