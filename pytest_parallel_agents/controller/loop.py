"""The controller's loop: events from the workers go to the scheduler, its commands go to the workers.

It alone calls pytest's hooks, so that every plugin sees the reports as if the checks had run here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import pytest

from pytest_parallel_agents.controller.attempt_ends import AttemptEnds
from pytest_parallel_agents.controller.clashes import describe_clash
from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.commands import Commands
from pytest_parallel_agents.controller.groups import GroupOutcomes
from pytest_parallel_agents.controller.inbox import Arrival
from pytest_parallel_agents.controller.losses import Losses
from pytest_parallel_agents.controller.outcomes import Outcomes
from pytest_parallel_agents.controller.pending_retries import PendingRetries
from pytest_parallel_agents.controller.replay import Replay
from pytest_parallel_agents.controller.results import ResultStore
from pytest_parallel_agents.controller.running_checks import RunningChecks, Watcher
from pytest_parallel_agents.controller.same_reasons import SameReasons
from pytest_parallel_agents.controller.signals import TELL, Signals
from pytest_parallel_agents.controller.stop_reason import Halt
from pytest_parallel_agents.controller.termination import Termination, Terminations
from pytest_parallel_agents.controller.watchdog import Watchdog
from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model import Group
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.wire import messages


class Controller:
    """Runs one plan to its end."""

    def __init__(
        self,
        *,
        session: pytest.Session,
        scheduler: Scheduler,
        pool: WorkerPool,
        store: ResultStore,
        replay: Replay,
        watcher: Watcher,
        clocks: Clocks,
        limits: Limits,
        most_losses: int,
        least_reports: int = 0,
        groups: Sequence[Group] = (),
    ) -> None:
        self._session = session
        self._scheduler = scheduler
        self._pool = pool
        self._store = store
        self._replay = replay
        self._watcher = watcher
        self._clocks = clocks
        self._limits = limits
        self._losses = Losses(most_losses)
        self._pending: deque[events.Event] = deque()
        self._watchdog = Watchdog(pool, clocks.now())
        self._signals = Signals()
        self._running_checks = RunningChecks(watcher, pool.setup, slow=limits.slow, now=clocks.now())
        self._terminations = Terminations(pool, limits.grace)
        self._group_outcomes = GroupOutcomes(groups, store, replay, self._cancel)
        self._pending_retries = PendingRetries()
        self._outcomes = Outcomes(
            pool, store, replay, self._group_outcomes, watcher, self._pending_retries, SameReasons()
        )
        self._ends = self._attempt_ends()
        self._commands = self._commands_for(least_reports)
        self._out_of_time = False
        self.halt: Halt | None = None
        self.late_errors: dict[str, str] = {}

    def _attempt_ends(self) -> AttemptEnds:
        return AttemptEnds(
            pool=self._pool,
            clocks=self._clocks,
            outcomes=self._outcomes,
            terminations=self._terminations,
            losses=self._losses,
            running_checks=self._running_checks,
            handle=self._handle,
            stop_if_requested=self._stop_if_requested,
            may_retry=lambda: self.halt is None,
        )

    def _commands_for(self, least_reports: int) -> Commands:
        return Commands(
            pool=self._pool,
            clocks=self._clocks,
            outcomes=self._outcomes,
            terminations=self._terminations,
            store=self._store,
            replay=self._replay,
            pending_retries=self._pending_retries,
            running_checks=self._running_checks,
            least_reports=least_reports,
        )

    def run(self) -> None:
        """Return when every check is over and every worker has ended. Re-raises KeyboardInterrupt after a clean end."""
        with self._signals.heard(self._pool.inbox.wake):
            try:
                self._handle(events.RunStarted(time=self._clocks.now()))
                while self._pool:
                    self._step()
                self._abandon()
            except KeyboardInterrupt:
                self._interrupt()
                self._abandon()
                raise
            finally:
                self._group_outcomes.close()

    @property
    def group_outcomes(self) -> GroupOutcomes:
        """What became of the groups."""
        return self._group_outcomes

    def _step(self) -> None:
        self._pool.live.tell()
        speaker = ""
        with self._watcher.batch():
            for arrival in self._pool.inbox.wait(self._patience()):
                if arrival.worker != speaker:
                    self._heard(speaker)
                    speaker = arrival.worker
                self._take(arrival)
            self._heard(speaker)
        for signum in self._signals.take():
            if signum != TELL:
                raise KeyboardInterrupt
            self._running_checks.tell(self._clocks.now())
        now = self._clocks.now()
        deadline = self._scheduler.deadline
        if deadline is not None and deadline <= now:
            self._handle(events.Tick(time=now))
        if self._limits.run is not None and self._limits.run <= now:
            self._run_out(now)
        if self._watchdog.due <= now:
            self._watchdog.look(now, self._limited, self._waiting)
            self._move_clashing(now)
        self._terminations.enforce(now)
        self._running_checks.look(now)

    def _patience(self) -> float:
        """Seconds until something is due even if nobody speaks."""
        limit = None if self._out_of_time else self._limits.run
        due = (self._watchdog.due, self._running_checks.due, self._scheduler.deadline, self._terminations.due, limit)
        return max(0.0, min(time for time in due if time is not None) - self._clocks.now())

    @property
    def _limited(self) -> frozenset[str]:
        """Workers whose running check has a time limit."""
        running = self._running_checks.running
        return frozenset(worker for check, worker, _ in running if self._store.check(check).timeout is not None)

    @property
    def _waiting(self) -> list[str]:
        """Workers that are up and run nothing, as far as they have said."""
        return [
            worker
            for worker, had in self._commands.assignments.items()
            if had.ready and self._running_checks.since(worker) is None
        ]

    def _handle(self, event: events.Event) -> None:
        """Let the scheduler hear of it and do what it says. What follows from that waits until all of it is done."""
        self._pending.append(event)
        if len(self._pending) > 1:
            return
        while self._pending:
            halt = self._commands.execute(self._scheduler.handle(self._pending[0]))
            if halt is not None:
                self._stop(halt)
            self._pending.popleft()

    def _take(self, arrival: Arrival) -> None:  # noqa: C901, PLR0912 - one case for each message
        worker, news = arrival.worker, arrival.news
        if not self._pool.is_live(worker):
            return  # its end is known already
        fault = arrival.fault if news is None else self._commands.misreports(worker, news)
        if news is None or fault:
            self._lose(worker, fault, gap=arrival.gap)
            return
        termination = self._terminations.of(worker)
        if termination is not None and termination.supersedes(news):
            return
        match news:
            case messages.Ready():
                self._losses.came_up()
                self._clocks.learn(worker, news.clock)
                self._pool.welcome(worker, news)
            case messages.Started(check, at):
                self._started(worker, check, self._clocks.since_origin(worker, at))
            case messages.Failed():
                self._ends.failed(worker, news)
            case messages.Finished():
                self._ends.finished(worker, news)
            case messages.Late(check, phase):
                if termination is None or termination.check != check:
                    self._replay.late(check, self._pool.node(worker), phase)
                    self._stop_if_requested()
            case messages.Returned(checks):
                self._handle(events.ChecksReturned(worker=worker, checks=checks, time=self._clocks.now()))
            case messages.Warned():
                self._replay.warning(news)
            case messages.Halted(reason, internal, code):
                if termination is None:
                    reason = self._broken(worker, reason) if internal else reason
                    self._stop(Halt(reason, internal, code, by_exit=not internal))
            case messages.Closed():
                self._closed(worker, news, termination)

    def _broken(self, worker: str, reason: str) -> str:
        """Where a worker was when something broke in it."""
        running = [self._store.name(check) for check, runner, _ in self._running_checks.running if runner == worker]
        return f"worker {worker} broke{f' while it ran {running[0]}' if running else ''}:\n{reason}"

    def _heard(self, worker: str) -> None:
        if self._pool.is_live(worker):
            self._handle(events.WorkerCaughtUp(worker=worker, time=self._clocks.now()))

    def _started(self, worker: str, check: int, at: float) -> None:
        self._running_checks.started(worker, check, at)
        self._handle(events.CheckStarted(worker=worker, check=check, time=at))

    def _closed(self, worker: str, closed: messages.Closed, termination: Termination | None) -> None:
        """A worker has sent its last message."""
        if closed.errors:
            self.late_errors[worker] = closed.errors
        self._pool.closed(worker, closed)
        del self._commands.assignments[worker]
        if termination is None:
            self._ends.worker_closed(worker)
        else:
            self._ends.worker_gone(worker)

    def _lose(self, worker: str, fault: str, *, gap: bool) -> None:
        """A worker has ended without its last word, or is not believed any more for this `fault`.

        After a `gap` in what it said nobody knows what it ran.
        """
        fault = fault or self._pool.complaint(worker)
        if fault:
            self._pool.kill(worker, fault)
        exit_status = self._pool.exit_status(worker)
        for news in self._pool.inbox.unsent(worker):
            self._take(Arrival(worker, news))
        if not self._pool.is_live(worker):
            return  # its last word had only been lost on its way
        self._pool.lost(worker, exit_status)
        had = self._commands.assignments.pop(worker)
        came_up = had.ready or gap  # that it did may be what is missing
        if fault and came_up and had.next is not None and (gap or self._running_checks.since(worker) is None):
            self._ends.blame(worker, had.next)
        asked_to_go = self._ends.worker_gone(worker, exit_status)
        failed = not came_up and not self._pool.was_killed(worker)
        if not asked_to_go and (halt := self._losses.count(worker, exit_status, failed_to_start=failed)) is not None:
            self._stop(halt)

    def _move_clashing(self, now: float) -> None:
        """What waits for ever on one worker, because another has what it waits for, runs where it need not wait."""
        running = self._running_checks.running
        for clash in self._pool.clashes((worker, now - start) for _, worker, start in running):
            check = next(check for check, worker, _ in running if worker == clash.worker)
            self._running_checks.ended(clash.worker, now)
            self._watcher.noted(describe_clash(clash))
            self._handle(events.OneWorkerFewer(time=now))
            self._terminations.move(clash.worker, check, now)

    def _cancel(self, checks: tuple[int, ...]) -> None:
        self._handle(events.ChecksCancelled(checks=checks, time=self._clocks.now()))

    def _stop_if_requested(self, halt: str = "") -> None:
        """Stop if the session is to stop, here or in the worker, which says so by `halt`."""
        wish = self._session.shouldfail or self._session.shouldstop or halt
        if wish:
            self._stop(Halt(str(wish)))

    def _stop(self, halt: Halt) -> None:
        """Start no further check; what runs may end, and is named."""
        if self.halt is None:
            self.halt = halt
            if self._running_checks.running:
                self._running_checks.tell(self._clocks.now())
            self._handle(events.RunStopped(time=self._clocks.now()))

    def _abandon(self) -> None:
        """What was to be tried again never will be: its last attempt counts."""
        for check in self._pending_retries:
            self._outcomes.abandoned(check)

    def _run_out(self, now: float) -> None:
        """The run's time limit has passed: what runs is ended as if its own had, also what begins only just now."""
        reason = f"the run's time limit of {self._limits.run:g} s has passed"
        for check, worker, start in self._running_checks.running:
            self._terminations.begin(worker, check, start, f"was still running on worker {worker} when {reason}", now)
        if not self._out_of_time:
            self._out_of_time = True
            self._session.shouldfail = self._session.shouldfail or reason
            self._stop(Halt(reason))

    def _interrupt(self) -> None:
        """Ctrl-C: running checks may tear down their fixtures; after a while, or at the next Ctrl-C, all is killed."""
        self._pending.clear()
        self._stop(Halt("keyboard interrupt"))
        try:
            self._pool.interrupt_all()
            until = self._clocks.now() + self._limits.grace
            while self._pool and self._clocks.now() < until:
                for arrival in self._pool.inbox.wait(max(0.0, until - self._clocks.now())):
                    self._take(arrival)
                self._pool.live.tell()
        except KeyboardInterrupt:
            pass  # the second one
        for arrival in self._pool.inbox.wait(0.0):
            self._take(arrival)
        for worker, news in self._pool.all_unsent():
            self._take(Arrival(worker, news))
        for _, worker, _ in self._running_checks.running:
            self._ends.worker_closed(worker)
