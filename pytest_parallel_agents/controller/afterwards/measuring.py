"""Runs batches of checks once more, aside from the run, under line coverage, until there are none or time is over."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Self

import msgspec
import pytest

from pytest_parallel_agents.controller.afterwards.allowance import Deadline
from pytest_parallel_agents.controller.afterwards.aside import result_of
from pytest_parallel_agents.controller.workers.inbox import Inbox
from pytest_parallel_agents.controller.workers.incoming import Disconnected
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.wire import messages

LOOK_SECONDS: Final = 0.25
SILENT_SECONDS: Final = 2.0
"""Seconds beyond its check's limit after which a silent worker is ended."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Checks that one worker runs in order, each for at most so many `seconds`.

    `like` is the worker of the run whose place it takes. `passing`: the checks have passed before. `quick`: see
    `Cover`. Of batches that have one of `locks` in common one runs at a time, and beside one that is `alone` runs no
    other.
    """

    checks: tuple[int, ...]
    seconds: float
    like: str
    passing: bool = False
    quick: bool = False
    locks: frozenset[str] = frozenset()
    alone: bool = False


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """How a check ended under measurement, and which lines it executed; `fault` says why they are not known."""

    outcome: Outcome
    message: str = ""
    lines: Mapping[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    fault: str = ""


class Measuring:
    """A context, at whose end no worker is left. `checks` and `items` are by index.

    `tick` is called several times a second with how many are measured.

    A fork runs one batch. A fresh interpreter, which has to collect everything first, runs one after the other.
    """

    def __init__(
        self,
        pool: WorkerPool,
        checks: Mapping[int, Check],
        items: Sequence[pytest.Item],
        *,
        workers: int,
        deadline: Deadline,
        tick: Callable[[int], None],
    ) -> None:
        self._pool = pool
        self._checks = checks
        self._items = items
        self._workers = workers
        self._deadline = deadline
        self._tick = tick
        self._inbox = Inbox()
        self._queue: deque[Batch] = deque()
        self._running: dict[str, _Running] = {}
        self._ended: list[RemoteWorker] = []
        self.measured: dict[int, Measurement] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.clear()
        for running in self._running.values():
            if running.is_idle:
                running.worker.send(messages.Finish())
            else:
                running.worker.kill()
        for worker in (*self._ended, *(running.worker for running in self._running.values())):
            worker.end_aside()

    def run(self, batches: Iterable[Batch]) -> None:
        """Return when all are over, or the time is. Raises OSError when no process can be had."""
        self._queue.extend(batches)
        while (self._queue or self._busy) and (left := self._until() - time.monotonic()) > 0:
            self._start()
            for arrival in self._inbox.wait(min(LOOK_SECONDS, left)):
                if (running := self._running.get(arrival.worker)) is None:
                    continue
                if isinstance(arrival, Disconnected):
                    self._gone(running)
                else:
                    self._take(running, arrival.message)
            self._end_silent()
            self._tick(len(self.measured))

    def _until(self) -> float:
        batches = (*self._queue, *(running.batch for running in self._busy))
        return self._deadline.at(has_failed=not all(batch.passing for batch in batches))

    @property
    def _busy(self) -> list[_Running]:
        return [running for running in self._running.values() if not running.is_idle]

    def _start(self) -> None:
        chosen: list[Batch] = []
        for batch in list(self._queue):
            beside = [*chosen, *(each.batch for each in self._busy)]
            if len(beside) < self._workers and all(_may_run_together(batch, other) for other in beside):
                chosen.append(batch)
                self._queue.remove(batch)
        idle = [running for running in self._running.values() if running.is_idle]
        for running, batch in zip(idle, chosen, strict=False):
            running.begin(batch)
        if new := chosen[len(idle) :]:
            workers = self._pool.start_aside([batch.like for batch in new], self._inbox)
            for worker, batch in zip(workers, new, strict=True):
                running = self._running[worker.name] = _Running(worker, lasts=not self._pool.starts_aside)
                worker.listen()
                running.begin(batch)

    def _take(self, running: _Running, message: messages.WorkerMessage) -> None:
        running.heard = time.monotonic()
        match message:
            case messages.Ready():
                running.has_come = True
                self._deadline.begin()
            case messages.Covered(check, lines, fault, is_late) if check in running.rest:
                running.covered[check] = message
                if is_late:
                    running.lasts = False
                    running.rest.remove(check)
                    self.measured[check] = Measurement(outcome=Outcome.TIMED_OUT, lines=lines, fault=fault)
            case messages.Finished(check, error=error) if error and check in running.rest:
                running.rest.remove(check)
                fault = f"it could not be run again: {error.partition(chr(10))[0]}"
                self.measured[check] = Measurement(outcome=Outcome.ERROR, fault=fault)
            case messages.Finished(check, phases=phases) if check in running.rest:
                running.rest.remove(check)
                self._finished(check, phases, running.covered.pop(check, None))
            case messages.Halted(reason):
                last = reason.strip().rpartition("\n")[2].removeprefix("INTERNALERROR> ")
                fault = f"the session of its worker ended: {last}"
                self.measured.update({check: Measurement(outcome=Outcome.ERROR, fault=fault) for check in running.rest})
                running.rest.clear()
                running.lasts = False
            case _:
                pass

    def _finished(self, check: int, phases: Iterable[messages.Phase], covered: messages.Covered | None) -> None:
        result = result_of(self._checks[check], self._items[check], phases)
        if result is not None and covered is not None:
            self.measured[check] = Measurement(
                outcome=result.outcome, message=result.message, lines=covered.lines, fault=covered.fault
            )

    def _gone(self, running: _Running) -> None:
        """A worker has ended: of itself, or by the check that it ran, after which the others have another one."""
        rest = running.rest
        if not rest:  # others need not wait until its process has ended, too
            self._ended.append(self._running.pop(running.worker.name).worker)
            return
        broke_off = running.worker.end_aside()
        for message in running.worker.incoming.unsent():
            self._take(running, message)
        del self._running[running.worker.name]
        if rest and not running.is_late:
            fault = f"its worker {broke_off}" if broke_off else running.fault
            self.measured[rest.pop(0)] = Measurement(outcome=Outcome.CRASHED, fault=fault)
        if rest:
            self._queue.append(msgspec.structs.replace(running.batch, checks=tuple(rest)))

    def _end_silent(self) -> None:
        now = time.monotonic()
        for running in self._busy:
            if running.has_come and running.heard + running.batch.seconds + SILENT_SECONDS <= now:
                running.heard = now
                running.fault = "its worker was silent while its lines were recorded"
                running.worker.kill()


class _Running:
    """A worker, and what of its batch it has not accounted for. `lasts`: it takes another batch afterwards."""

    def __init__(self, worker: RemoteWorker, *, lasts: bool) -> None:
        self.worker = worker
        self.lasts = lasts
        self.has_come = not lasts
        self.fault = "its process ended while its lines were recorded"

    def begin(self, batch: Batch) -> None:
        """Have it run these checks."""
        self.batch = batch
        self.rest = list(batch.checks)
        self.heard = time.monotonic()
        self.covered: dict[int, messages.Covered] = {}
        self.worker.send(messages.Cover(batch.checks, batch.seconds, batch.quick, is_last=not self.lasts))

    @property
    def is_idle(self) -> bool:
        """Whether it waits for another batch."""
        return self.lasts and not self.rest

    @property
    def is_late(self) -> bool:
        """Whether it has ended for a check that took too long, and is accounted for."""
        return any(covered.is_late for covered in self.covered.values())


def _may_run_together(one: Batch, other: Batch) -> bool:
    return not (one.alone or other.alone or one.locks & other.locks)
