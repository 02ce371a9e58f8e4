"""Finds what follows a worker's last check, for workers that do not begin it before they know.

xdist's workers do so: they hold one check ahead, so that each knows which one is its last.
"""

from __future__ import annotations

from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.dispatch import Dispatch
from pytest_parallel_agents.scheduling.lane_index import LaneIndex
from pytest_parallel_agents.scheduling.occupancy import Occupancy
from pytest_parallel_agents.scheduling.states import Lane, WorkerState


class Lookahead:
    """Sends each worker that comes to its last check another one, or releases it because there is none for it.

    While others have some to give back, it waits for these. Where none can be sent ahead, since what is left needs
    locks or CPUs or waits for other checks, it goes on without knowing.
    """

    def __init__(self, lanes: LaneIndex, *, dispatch: Dispatch, occupancy: Occupancy, commands: CommandBuffer) -> None:
        self._lanes = lanes
        self._dispatch = dispatch
        self._occupancy = occupancy
        self._commands = commands

    def update(self) -> None:
        """Decides for all that wait. To be called after every event."""
        for worker in list(self._occupancy.workers.values()):
            if worker.waits and len(worker.queue) == 1 and not worker.recalls:
                self._decide(worker)

    def _decide(self, worker: WorkerState) -> None:
        lane = self._lanes.by_check[worker.queue[0]]
        if self._dispatch.accepts_more(worker) and self._gets_more(worker, lane):
            return
        if self._dispatch.may_be_needed(worker, lane):
            self._commands.begin_last(worker)
        else:
            self._commands.release_after(worker)

    def _gets_more(self, worker: WorkerState, lane: Lane) -> bool:
        """Whether it has another check now, or soon will because another worker's are recalled."""
        if (tail := self._dispatch.assign_ahead(worker, lane)) is not None:
            self._lanes.add(tail)
        if (
            len(worker.queue) == 1
            and not self._occupancy.recalled
            and (most_stealable := self._occupancy.most_stealable()) is not None
        ):
            self._commands.recall(most_stealable)
        return len(worker.queue) > 1 or self._occupancy.recalled > 0
