"""What follows on the last check that a worker has, for workers that do not begin it before they know.

That is what xdist's workers do: they hold one check ahead, so that each can be told which one is its last.
"""

from __future__ import annotations

from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.dispatch import Dispatch
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.lanes import Lanes
from pytest_parallel_agents.scheduling.pool import Pool, Worker


class Foresight:
    """Gives each worker that comes to its last check another one, or lets it go because there is none for it.

    While others have some to give back, it waits for these. Where none can be had ahead, since what is left needs locks
    or CPUs or waits for other checks, it goes on without knowing.
    """

    def __init__(self, lanes: Lanes, *, dispatch: Dispatch, pool: Pool, commands: CommandBuffer) -> None:
        self._lanes = lanes
        self._dispatch = dispatch
        self._pool = pool
        self._commands = commands

    def look(self) -> None:
        """Decide about all that wait. To be called whenever something has happened."""
        for worker in list(self._pool.workers.values()):
            if worker.waits and len(worker.queue) == 1 and not worker.recalled:
                self._decide(worker)

    def _decide(self, worker: Worker) -> None:
        lane = self._lanes.by_check[worker.queue[0]]
        if self._dispatch.shares(worker) and self._can_have_more(worker, lane):
            return
        if self._dispatch.needs(worker, lane):
            self._commands.let_go_on(worker)
        else:
            self._commands.release_after(worker)

    def _can_have_more(self, worker: Worker, lane: Lane) -> bool:
        """Whether it has another check now, or soon will because others are asked for one."""
        if (tail := self._dispatch.give_ahead(worker, lane)) is not None:
            self._lanes.add(tail)
        if (
            len(worker.queue) == 1
            and not self._pool.recalls
            and (most_stealable := self._pool.most_stealable()) is not None
        ):
            self._commands.recall(most_stealable)
        return len(worker.queue) > 1 or self._pool.recalls > 0
