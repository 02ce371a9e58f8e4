"""Workers that were told to end because of the check they run: what for, and for how long they may take."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.wire import messages


class Termination(msgspec.Struct, frozen=True):
    """`start` is when the attempt began that is to end, `since` when the worker was asked, in seconds since the run's
    start. `late` says why it counts as timed out, and is empty for a check that was cancelled; `output` is what a late
    one had printed by then, as report sections.

    `concluded` means that it is known what became of the check, whatever its worker still says, and `again` that it
    goes back to the scheduler, and with it all that its worker has.
    """

    check: int
    start: float | None
    late: str
    since: float
    output: Sequence[tuple[str, str]] = ()
    concluded: bool = False
    again: bool = False

    def concerns(self, check: int, start: float) -> bool:
        """Whether it ends this attempt. Another one of a check that was late is none the worse for it."""
        return self.check == check and (not self.late or self.start == start)

    def supersedes(self, news: messages.WorkerMessage | None) -> bool:
        """Whether this comes too late to be heard."""
        if not isinstance(news, messages.Started | messages.Failed | messages.Finished | messages.Late):
            return False
        return self.again or (self.concluded and news.check == self.check)


class Terminations:
    """By worker. Each is asked first, so that fixtures are torn down, and killed when its grace is over."""

    def __init__(self, pool: WorkerPool, grace: float) -> None:
        self._pool = pool
        self._grace = grace
        self._terminations: dict[str, Termination] = {}
        self._patience: dict[str, float] = {}

    @property
    def due(self) -> float | None:
        """When the next grace is over."""
        return min(self._patience.values(), default=None)

    def begin(self, worker: str, check: int, start: float | None, late: str, now: float) -> None:
        """Ask the worker that runs this check, since `start` or between two attempts, to end."""
        if worker in self._terminations:
            return
        self._terminations[worker] = Termination(
            check, start, late, now, self._pool.last_output(worker) if late else ()
        )
        self._patience[worker] = now + self._grace
        if late:
            self._pool.dump(worker)
        self._pool.interrupt(worker)

    def move(self, worker: str, check: int, now: float) -> None:
        """Ask the worker to end, so that this check and all that it has may run elsewhere."""
        if worker not in self._terminations:
            self._terminations[worker] = Termination(check, None, "", now, concluded=True, again=True)
            self._patience[worker] = now + self._grace
            self._pool.interrupt(worker)

    def enforce(self, now: float) -> None:
        """Kill whom grace was not enough for."""
        for worker, until in list(self._patience.items()):
            if until <= now:
                del self._patience[worker]
                self._pool.kill(worker)

    def ignored(self, worker: str, running: tuple[int, float] | None, stop: float) -> Termination | None:
        """The ending of an attempt that has ended at `stop`, if it was late and went on as if nobody had asked.

        `running` is the worker's check, and when this attempt of it began.
        """
        termination = self._terminations.get(worker)
        if termination is None or running is None or not (termination.late and termination.concerns(*running)):
            return None
        return termination if stop > termination.since else None

    def of(self, worker: str) -> Termination | None:
        return self._terminations.get(worker)

    def outcomes(self, worker: str, *, again: bool) -> None:
        """It is known what became of the check, and its worker will be gone soon."""
        self._terminations[worker] = msgspec.structs.replace(self._terminations[worker], concluded=True, again=again)

    def over(self, worker: str) -> Termination | None:
        """The worker is gone."""
        self._patience.pop(worker, None)
        return self._terminations.pop(worker, None)
