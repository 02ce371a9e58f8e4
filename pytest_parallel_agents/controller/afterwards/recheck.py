"""Runs failed checks once more, alone: each in a new worker that has run nothing.

Only the check's outcome reaches the run: plugins do not see such a worker, and it ends without its session's end. The
outcome of the check stays what it was.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_parallel_agents.compat.watchers import is_watched
from pytest_parallel_agents.controller.afterwards.aside import is_plain_test, result_of
from pytest_parallel_agents.controller.afterwards.replay_command import ReplayCommands
from pytest_parallel_agents.controller.afterwards.reported_alone import add_passes_alone
from pytest_parallel_agents.controller.afterwards.suspects import Suspect, suspects
from pytest_parallel_agents.controller.results.outcome_writer import Outcomes
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.inbox import Inbox
from pytest_parallel_agents.controller.workers.incoming import Arrival, Disconnected
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.marks import is_command
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Alone, Outcome
from pytest_parallel_agents.reports.alone import alone_lines, passes_alone
from pytest_parallel_agents.wire import messages

MOST_CHECKS: Final = 10
"""When more fail they mostly fail for one reason, which the first ten show."""

CHECK_SECONDS: Final = 10.0
"""Most tests take milliseconds, and users do not want to wait for a slow one twice at the end of a run."""

TOTAL_SECONDS: Final = 30.0
"""The limit of all together, however many there are."""

GRACE_SECONDS: Final = 1.0
"""The time in which a check that takes too long may tear down its fixtures."""


class Recheck:
    """Runs the failed tests of a run alone, and reports those that pass."""

    def __init__(self, session: pytest.Session, store: ResultStore, pool: WorkerPool) -> None:
        self._session = session
        self._store = store
        self._pool = pool

    def run(self, cpus: int, seconds: float) -> None:
        """Takes at most so many seconds, and as many CPUs as the run. Errors here are reported and change nothing.

        Nothing runs where workers are fresh interpreters: each costs a collection, and configures all plugins, of which
        pytest-cov for one erases the run's data.
        """
        try:
            if self._pool.starts_aside and not is_watched(self._session.config):
                self._run(cpus, seconds)
        except Exception as error:  # noqa: BLE001 - the run is over, and this must not change how it ends
            terminal: Any = self._session.config.pluginmanager.getplugin("terminalreporter")
            if terminal is not None:
                terminal.write_line(f"agents: the failed tests could not be tried alone: {error!r}", yellow=True)

    def _run(self, cpus: int, seconds: float) -> None:
        items = self._session.items
        found = suspects(self._store.results(), lambda check: is_plain_test(items[check.index]))[:MOST_CHECKS]
        until = time.monotonic() + min(TOTAL_SECONDS, seconds)
        outcomes: dict[int, Outcome | None] = {}
        for first in range(0, len(found), cpus):
            if time.monotonic() < until:
                outcomes.update(self._try(found[first : first + cpus], until))
        self._keep([suspect for suspect in found if suspect.check.index in outcomes], outcomes)

    def _keep(self, found: Sequence[Suspect], outcomes: Mapping[int, Outcome | None]) -> None:
        commands = ReplayCommands(self._session.config, _replay_folder(self._session.config))
        texts = {}
        for suspect in found:
            outcome = outcomes[suspect.check.index]
            replay = commands.of(_items(self._session, suspect)) if passes_alone(outcome) else ""
            alone = Alone(outcome=outcome, replay=replay)
            Outcomes(self._store).tried_alone(suspect.check.index, alone)
            if passes_alone(outcome):
                texts[suspect.check.index] = "\n".join(alone_lines(suspect.worker, replay))
        add_passes_alone(self._session.config, texts, self._session.items)

    def _try(self, suspects: Sequence[Suspect], until: float) -> dict[int, Outcome | None]:
        inbox = Inbox()
        tries: dict[str, _AttemptAlone] = {}
        try:
            workers = self._pool.start_aside([suspect.worker for suspect in suspects], inbox)
            for worker, suspect in zip(workers, suspects, strict=True):
                tries[worker.name] = _AttemptAlone(worker, suspect.check, until)
                worker.listen()
                worker.send(messages.TryAlone(suspect.check.index))
            _wait_for(tries, inbox)
        except OSError:
            pass  # no process can be had, so nothing is known
        finally:
            for one in tries.values():
                one.end()
        return {each.check.index: self._outcome(each) for each in tries.values()}

    def _outcome(self, one: _AttemptAlone) -> Outcome | None:
        if not (one.gone and one.ended and one.sound):
            return None
        result = result_of(one.check, self._session.items[one.check.index], one.phases)
        return None if result is None else result.outcome


def _items(session: pytest.Session, suspect: Suspect) -> list[pytest.Item]:
    """The items that its worker ran, the check last. pytest alone does not know the configured commands."""
    items = [session.items[index] for index in (*suspect.before, suspect.check.index)]
    return [item for item in items if not is_command(item)]


def _replay_folder(config: pytest.Config) -> Path | None:
    cache = getattr(config, "cache", None)
    try:
        return None if cache is None else Path(cache.mkdir("parallel-agents")) / "replay"
    except OSError:
        return None


class _AttemptAlone:
    """A worker's reports of its check: whether that has `ended`, and whether all was well until the worker had ended.

    `due` is when its time is over.
    """

    def __init__(self, worker: RemoteWorker, check: Check, until: float) -> None:
        self.worker = worker
        self.check = check
        self.due = min(until, time.monotonic() + min(CHECK_SECONDS, check.timeout or CHECK_SECONDS))
        self.phases: list[messages.Phase] = []
        self.ended = False
        self.sound = True
        self.killed = False
        self.gone = False

    def take(self, arrival: Arrival) -> None:
        """Records an arrival of its worker."""
        if isinstance(arrival, Disconnected):
            self.gone = True
            return
        match arrival.message:
            case messages.AttemptFailed(phases=phases) | messages.Finished(phases=phases):
                self.phases.extend(phases)
                self.ended = self.ended or isinstance(arrival.message, messages.Finished)
            case messages.Late(phase=phase):
                self.phases.append(phase)
            case messages.Halted():
                self.sound = False

    def enforce_limit(self, now: float) -> None:
        """Its time is over. The worker is given up if processes that it has left behind keep its channel open."""
        self.due = now + GRACE_SECONDS
        if self.sound:
            self.worker.process.interrupt()
        elif self.killed:
            self.gone = True
        else:
            self.worker.kill()
            self.killed = True
        self.sound = False

    def end(self) -> None:
        """Its process has ended when this returns."""
        if not self.gone:
            self.worker.kill()
        self.worker.end_aside()


def _wait_for(tries: Mapping[str, _AttemptAlone], inbox: Inbox) -> None:
    """Handles arrivals until all workers have ended. Those that take too long are asked to end first."""
    while running := [one for one in tries.values() if not one.gone]:
        now = time.monotonic()
        for one in running:
            if one.due <= now:
                one.enforce_limit(now)
        for arrival in inbox.wait(min(one.due for one in running) - now):
            tries[arrival.worker].take(arrival)
