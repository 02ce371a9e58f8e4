"""The commands that answer one event, and what they change of the workers' states."""

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
from pytest_parallel_agents.scheduling.occupancy import Occupancy
from pytest_parallel_agents.scheduling.states import HostState, WorkerState


class CommandBuffer:
    """Commands in the order in which they are to be done."""

    def __init__(self, occupancy: Occupancy) -> None:
        self._occupancy = occupancy
        self._commands: list[Command] = []

    def drain(self) -> list[Command]:
        """Removes and returns all commands since the last time."""
        commands, self._commands = self._commands, []
        return commands

    def add(self, command: Command) -> None:
        """Adds one that changes no worker's state."""
        self._commands.append(command)

    def start_worker(self, host: HostState) -> WorkerState:
        worker = self._occupancy.start_worker(host)
        self._commands.append(StartWorker(worker.name, host.name))
        return worker

    def recall(self, worker: WorkerState, *, rest: bool = False) -> None:
        self._occupancy.recall(worker)
        self._commands.append(RecallLanes(worker.name, rest))

    def end_check(self, worker: WorkerState, check: int, *, late: bool) -> None:
        self._commands.append(EndCheck(worker.name, check, late=late))

    def release(self, workers: Iterable[WorkerState]) -> None:
        for worker in workers:
            self._occupancy.remove(worker)
            self._commands.append(ReleaseWorker(worker.name))

    def release_after(self, worker: WorkerState) -> None:
        """Lets it exit once it has run its queue."""
        worker.waits, worker.closing = False, True
        self._commands.append(ReleaseWorker(worker.name))

    def begin_last(self, worker: WorkerState) -> None:
        """Lets it begin its last check without knowing what follows."""
        worker.waits = False
        self._commands.append(BeginLast(worker.name))

    def put_starts_first(self) -> None:
        """Puts the starts of workers first, so that all come up at the same time."""
        self._commands.sort(key=lambda command: not isinstance(command, StartWorker))
