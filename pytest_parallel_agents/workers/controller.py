"""The controller's loop: events from the workers go to the scheduler, its commands go to the workers.

It alone calls pytest's hooks, so that every plugin sees the reports as if the checks had run here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pytest

from pytest_parallel_agents.model import Group, Outcome
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.workers import messages
from pytest_parallel_agents.workers.contract import Node
from pytest_parallel_agents.workers.crew import Arrival, Crew
from pytest_parallel_agents.workers.ledger import Ledger
from pytest_parallel_agents.workers.replay import Replay
from pytest_parallel_agents.workers.verdicts import Verdicts

QUIET_SECONDS = 10.0
GRACE_SECONDS = 5.0
OTHER_MACHINE_SECONDS = 60.0


class Watcher(Protocol):
    """Is told of progress as it happens."""

    def batch(self) -> AbstractContextManager[None]:
        """What is told within the block may be shown at its end."""

    def finished(self, check: int) -> None:
        """A check is over; its result is in the ledger."""

    def quiet(self, now: float, running: Sequence[tuple[int, str, float]]) -> None:
        """Nothing has finished for a while: (check, worker, start) of what runs, in seconds since the run's start."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why no further check was started. `exit` is what `pytest.exit()` in a check asked for."""

    reason: str
    internal: bool = False
    exit: int | None = None
    by_exit: bool = False


class Controller:
    """Runs one plan to its end."""

    def __init__(
        self,
        *,
        session: pytest.Session,
        scheduler: Scheduler,
        crew: Crew,
        ledger: Ledger,
        replay: Replay,
        watcher: Watcher,
        origin: float,
        most_losses: int,
        groups: Sequence[Group] = (),
    ) -> None:
        self._session = session
        self._scheduler = scheduler
        self._crew = crew
        self._ledger = ledger
        self._replay = replay
        self._watcher = watcher
        self._origin = origin
        self._losses_left = most_losses
        self._running: dict[str, tuple[int, float]] = {}
        self._pending: deque[events.Event] = deque()
        self._doomed: dict[str, tuple[int, bool]] = {}
        self._verdicts = Verdicts(groups, ledger, replay, self._cancel)
        self._clocks: dict[str, float] = {}
        self._quiet_since = self._now()
        self.halt: Halt | None = None

    def run(self) -> None:
        """Return when every check is over and every worker has ended. Re-raises KeyboardInterrupt after a clean end."""
        self._handle(events.Begin(time=self._now()))
        try:
            while self._crew:
                self._step()
        except KeyboardInterrupt:
            self._interrupt()
            raise
        finally:
            self._verdicts.close()

    @property
    def verdicts(self) -> Verdicts:
        """What became of the groups."""
        return self._verdicts

    def _step(self) -> None:
        with self._watcher.batch():
            for arrival in self._crew.wait(self._patience()):
                self._take(arrival)
        now = self._now()
        deadline = self._scheduler.deadline
        if deadline is not None and deadline <= now:
            self._handle(events.Tick(time=now))
        if now - self._quiet_since >= QUIET_SECONDS:
            self._quiet_since = now
            if self._running:
                self._watcher.quiet(now, [(check, worker, start) for worker, (check, start) in self._running.items()])

    def _patience(self) -> float:
        """Seconds until something is due even if nobody speaks."""
        now = self._now()
        due = [self._quiet_since + QUIET_SECONDS]
        if self._scheduler.deadline is not None:
            due.append(self._scheduler.deadline)
        return max(0.0, min(due) - now)

    def _handle(self, event: events.Event) -> None:
        """Let the scheduler hear of it and do what it says. What follows from that waits until all of it is done."""
        self._pending.append(event)
        if len(self._pending) > 1:
            return
        while self._pending:
            self._obey(self._scheduler.handle(self._pending[0]))
            self._pending.popleft()

    def _obey(self, commands: Sequence[events.Command]) -> None:
        hired = [command.worker for command in commands if isinstance(command, events.Hire)]
        if hired:
            self._crew.hire(hired)
        for command in commands:
            match command:
                case events.Assign(worker=worker, lanes=lanes, then=then):
                    self._crew.assign(worker, lanes, then)
                case events.Recall(worker=worker, rest=rest):
                    self._crew.tell(worker, messages.Recall(rest))
                case events.Release(worker=worker):
                    self._crew.tell(worker, messages.Finish())
                case events.Kill(worker=worker, check=check, late=late):
                    self._doomed[worker] = check, late
                    self._crew.kill(worker)
                case events.Drop(check=check):
                    self._verdicts.cancelled(check)
                    self._watcher.finished(check)

    def _take(self, arrival: Arrival) -> None:  # noqa: C901 - one case for each message
        worker, news = arrival.worker, arrival.news
        if not self._crew.is_live(worker):
            return  # its end is known already
        match news:
            case None:
                self._lose(worker, arrival.garbage)
            case messages.Ready():
                self._clocks[worker] = _clock_difference(news.clock)
                self._crew.welcome(worker, news)
            case messages.Started(check, at):
                self._started(worker, check, self._since_origin(worker, at))
            case messages.Finished():
                self._finished(worker, news)
            case messages.Late(check, phase):
                self._replay.late(check, self._crew.node(worker), phase)
                self._heed_session()
            case messages.Returned(checks):
                self._handle(events.Returned(worker=worker, checks=checks, time=self._now()))
            case messages.Warned():
                self._replay.warning(news)
            case messages.Halted(reason, internal, code):
                self._stop(Halt(reason, internal, code, by_exit=not internal))
            case messages.Closed():
                self._crew.dismiss(worker, news)
                self._give_up(worker)

    def _started(self, worker: str, check: int, at: float) -> None:
        self._running[worker] = check, at
        self._handle(events.Started(worker=worker, check=check, time=at))

    def _finished(self, worker: str, news: messages.Finished) -> None:
        self._running.pop(worker, None)
        now = self._quiet_since = self._now()
        node = self._crew.node(worker)
        spans = [(self._since_origin(worker, a), self._since_origin(worker, b)) for a, b in news.attempts]
        if not news.error and not self._verdicts.concern(news.check):
            self._replay.phases(news.check, node, news.phases)
            self._ledger.ran(news.check, worker, spans)
        else:
            if news.error:
                reports = self._replay.failure(news.check, news.error, Outcome.ERROR)
            else:
                reports = self._replay.record(news.check, news.phases)
            self._ledger.ran(news.check, worker, spans)
            self._tell(news.check, node, reports)
        self._watcher.finished(news.check)
        self._handle(events.Finished(worker=worker, check=news.check, time=now))
        self._heed_session(news.halt)

    def _lose(self, worker: str, garbage: str) -> None:
        """A worker's channel has ended without its last word."""
        if garbage:
            self._crew.kill(worker)
        fate = f"sent what is no message ({garbage})" if garbage else None
        ended = self._crew.mourn(worker)
        check, start = self._running.pop(worker, (None, 0.0))
        doomed = self._doomed.pop(worker, None)
        if check is not None and doomed == (check, False):
            self._ledger.ran(check, worker, [(start, self._now())])
            self._verdicts.cancelled(check, self._crew.node(worker))
            self._watcher.finished(check)
        elif check is not None:
            self._end_lost(worker, check, start, fate or ended, timed_out=doomed == (check, True))
        self._handle(events.Lost(worker=worker, running=check, time=self._now()))
        if doomed is None:
            self._losses_left -= 1
            if self._losses_left < 0:
                self._stop(Halt(f"too many workers were lost, the last one, {worker}, {fate or ended}"))

    def _end_lost(self, worker: str, check: int, start: float, fate: str, *, timed_out: bool) -> None:
        outcome = Outcome.TIMED_OUT if timed_out else Outcome.CRASHED
        stacks = self._crew.stacks(worker)
        text = self._replay.obituary(check, worker, fate, timed_out=timed_out) + (f"\n\n{stacks}" if stacks else "")
        reports = self._replay.failure(check, text, outcome)
        now = self._quiet_since = self._now()
        self._ledger.ran(check, worker, [(start, now)])
        self._tell(check, self._crew.node(worker), reports)
        self._watcher.finished(check)
        self._heed_session()

    def _give_up(self, worker: str) -> None:
        """A worker has ended by itself; what it ran was interrupted and has no report."""
        check, start = self._running.pop(worker, (None, 0.0))
        if check is not None:
            self._ledger.end(check, Outcome.CANCELLED, "interrupted")
            self._ledger.ran(check, worker, [(start, self._now())])

    def _tell(self, check: int, node: Node, reports: Sequence[pytest.TestReport]) -> None:
        """Tell of a check that is over, unless its group has to be decided first."""
        if self._verdicts.concern(check):
            self._verdicts.ended(check, node, reports)
        else:
            self._replay.tell(check, node, reports)

    def _cancel(self, checks: tuple[int, ...]) -> None:
        self._handle(events.Cancel(checks=checks, time=self._now()))

    def _heed_session(self, halt: str = "") -> None:
        """Stop if the session is to stop, here or in the worker, which says so by `halt`."""
        wish = self._session.shouldfail or self._session.shouldstop or halt
        if wish:
            self._stop(Halt(str(wish)))

    def _stop(self, halt: Halt) -> None:
        """Start no further check; what runs may end."""
        if self.halt is None:
            self.halt = halt
            self._handle(events.Stop(time=self._now()))

    def _interrupt(self) -> None:
        """Ctrl-C: running checks may tear their fixtures down for a while, then everything is killed."""
        self._stop(Halt("keyboard interrupt"))
        self._crew.interrupt()
        until = time.monotonic() + GRACE_SECONDS
        while self._crew and time.monotonic() < until:
            for arrival in self._crew.wait(until - time.monotonic()):
                self._take(arrival)

    def _since_origin(self, worker: str, at: float) -> float:
        return at + self._clocks.get(worker, 0.0) - self._origin

    def _now(self) -> float:
        return time.monotonic() - self._origin


def _clock_difference(theirs: float) -> float:
    """What to add to a worker's monotonic clock. Zero on one machine, where all processes share it."""
    difference = time.monotonic() - theirs
    return difference if abs(difference) > OTHER_MACHINE_SECONDS else 0.0
