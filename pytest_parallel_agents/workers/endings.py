"""Workers that were told to end because of the check they run: what for, and for how long they may take."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pytest_parallel_agents.workers.crew import Crew


class Ending(msgspec.Struct, frozen=True):
    """`late` says why the check counts as timed out; it is empty for one that was cancelled. `since` is when the worker
    was asked, in seconds since the run's start, `output` what a late check had printed by then, as report sections.
    `over` means that it is known what became of the check, whatever the worker may still say of it.
    """

    check: int
    late: str
    since: float
    output: Sequence[tuple[str, str]] = ()
    over: bool = False

    def concerns(self, check: int, start: float) -> bool:
        """Whether it ends this attempt. One that began only later was not late."""
        return self.check == check and (not self.late or start <= self.since)

    def was_ignored(self, check: int, stop: float) -> bool:
        """Whether an attempt of this check was late, and has said how it ended nevertheless."""
        return self.check == check and bool(self.late) and stop > self.since


class Endings:
    """By worker. Each is asked first, so that fixtures are torn down, and killed when its grace is over."""

    def __init__(self, crew: Crew, grace: float) -> None:
        self._crew = crew
        self._grace = grace
        self._endings: dict[str, Ending] = {}
        self._patience: dict[str, float] = {}

    @property
    def due(self) -> float | None:
        """When the next grace is over."""
        return min(self._patience.values(), default=None)

    def begin(self, worker: str, check: int, late: str, now: float) -> None:
        """Ask the worker that runs this check to end."""
        if worker in self._endings:
            return
        self._endings[worker] = Ending(check, late, now, self._crew.last_output(worker) if late else ())
        self._patience[worker] = now + self._grace
        if late:
            self._crew.dump(worker)
        self._crew.interrupt(worker)

    def enforce(self, now: float) -> None:
        """Kill whom grace was not enough for."""
        for worker, until in list(self._patience.items()):
            if until <= now:
                del self._patience[worker]
                self._crew.kill(worker)

    def of(self, worker: str) -> Ending | None:
        return self._endings.get(worker)

    def check_is_over(self, worker: str) -> None:
        """It is known what became of the check, and its worker will be gone soon."""
        self._endings[worker] = msgspec.structs.replace(self._endings[worker], over=True)

    def over(self, worker: str) -> Ending | None:
        """The worker is gone."""
        self._patience.pop(worker, None)
        return self._endings.pop(worker, None)
