"""The commands that answer one event, with the pool kept in step."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_parallel_agents.scheduling.events import (
    BeginLast,
    Command,
    EndCheck,
    RecallLanes,
    ReleaseWorker,
    StartWorker,
)
from pytest_parallel_agents.scheduling.pool import Pool, Worker


class CommandBuffer:
    """Commands in the order in which they are to be done."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._commands: list[Command] = []

    def taken(self) -> list[Command]:
        """All that was ordered since the last time."""
        commands, self._commands = self._commands, []
        return commands

    def give(self, command: Command) -> None:
        """One that leaves the pool as it is."""
        self._commands.append(command)

    def start_worker(self) -> Worker:
        worker = self._pool.start_worker()
        self._commands.append(StartWorker(worker.name))
        return worker

    def recall(self, worker: Worker, *, rest: bool = False) -> None:
        self._pool.set_recalled(worker, recalled=True)
        self._commands.append(RecallLanes(worker.name, rest))

    def kill(self, worker: Worker, check: int, *, late: bool) -> None:
        self._commands.append(EndCheck(worker.name, check, late=late))

    def release(self, workers: Iterable[Worker]) -> None:
        for worker in workers:
            self._pool.remove(worker)
            self._commands.append(ReleaseWorker(worker.name))

    def release_after(self, worker: Worker) -> None:
        """Let it end once it has run what it has."""
        worker.waits, worker.closing = False, True
        self._commands.append(ReleaseWorker(worker.name))

    def let_go_on(self, worker: Worker) -> None:
        """It need not wait to know what follows on its last check."""
        worker.waits = False
        self._commands.append(BeginLast(worker.name))

    def starts_first(self) -> None:
        """Let all workers come up at the same time."""
        self._commands.sort(key=lambda command: not isinstance(command, StartWorker))
