"""Tries failed checks once more, alone: each in a new worker that has run nothing.

Nothing of such a worker reaches the run but how the check ended: plugins are not told of it, and it ends without its
session's end. The outcome of the check stays what it was.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_parallel_agents.compat.watchers import is_watched
from pytest_parallel_agents.controller.aside import begin, is_plain_test, result_of
from pytest_parallel_agents.controller.inbox import Inbox
from pytest_parallel_agents.controller.replay_command import ReplayCommands
from pytest_parallel_agents.controller.reported_alone import tell_alone
from pytest_parallel_agents.controller.results import ResultStore
from pytest_parallel_agents.controller.suspects import Suspect, suspects
from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.marks import is_command
from pytest_parallel_agents.model import Alone, Check, Outcome
from pytest_parallel_agents.reports.alone import alone_lines, passes_alone
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.run_folder import RunFolder

MOST_CHECKS: Final = 10
"""When more fail they mostly fail for one reason, and the first ten tell it."""

CHECK_SECONDS: Final = 10.0
"""Most tests take milliseconds, and nobody wants to wait for a slow one twice at the end of a run."""

TOTAL_SECONDS: Final = 30.0
"""Of all together, however many there are."""

GRACE_SECONDS: Final = 1.0
"""What a check that takes too long has to tear down its fixtures."""


class Recheck:
    """Tries the failed tests of a run alone, and tells of those that pass."""

    def __init__(self, session: pytest.Session, store: ResultStore, pool: WorkerPool, run_folder: RunFolder) -> None:
        self._session = session
        self._store = store
        self._pool = pool
        self._run_folder = run_folder

    def run(self, cpus: int, seconds: float) -> None:
        """Take at most so many seconds, and as many CPUs as the run. What goes wrong here is said and nothing else.

        Nothing is tried where workers are fresh interpreters: each costs a collection, and configures all plugins, of
        which pytest-cov for one erases what the run has measured.
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
            alone = Alone(outcome=outcome, worker=suspect.worker, replay=replay)
            self._store.tried_alone(suspect.check.index, alone)
            if passes_alone(outcome):
                texts[suspect.check.index] = "\n".join(alone_lines(suspect.worker, replay))
        tell_alone(self._session.config, texts, self._session.items)

    def _try(self, suspects: Sequence[Suspect], until: float) -> dict[int, Outcome | None]:
        inbox = Inbox(lambda worker: self._run_folder.of(worker).journal)
        tries: dict[str, _LoneAttempt] = {}
        try:
            channels = self._pool.start_aside([suspect.worker for suspect in suspects])
            for (worker, channel), suspect in zip(channels.items(), suspects, strict=True):
                tries[worker] = _LoneAttempt(suspect.check, until)
                begin(channel, messages.TryAlone(suspect.check.index), partial(inbox.receive, worker))
            self._hear(inbox, tries)
        except OSError:
            pass  # no process can be had, so nothing is known
        finally:
            for worker, one in tries.items():
                self._pool.end_aside(worker, kill=not one.gone)
        return {each.check.index: self._outcome(each) for each in tries.values()}

    def _hear(self, inbox: Inbox, tries: Mapping[str, _LoneAttempt]) -> None:
        """Take in what the workers say until all of them are gone. Those that take too long are asked to end first."""
        while running := {worker: one for worker, one in tries.items() if not one.gone}:
            now = time.monotonic()
            for worker, one in running.items():
                if one.due <= now:
                    self._press(worker, one)
                    one.due = now + GRACE_SECONDS
            for arrival in inbox.wait(min(one.due for one in running.values()) - now):
                tries[arrival.worker].take(arrival.news)

    def _press(self, worker: str, one: _LoneAttempt) -> None:
        """End a worker that has had its time. It is given up if what it has left behind keeps its channel open."""
        if one.sound:
            self._pool.interrupt(worker)
        elif one.killed:
            one.gone = True
        else:
            self._pool.kill(worker)
            one.killed = True
        one.sound = False

    def _outcome(self, one: _LoneAttempt) -> Outcome | None:
        if not (one.gone and one.ended and one.sound):
            return None
        result = result_of(one.check, self._session.items[one.check.index], one.phases)
        return None if result is None else result.outcome


def _items(session: pytest.Session, suspect: Suspect) -> list[pytest.Item]:
    """What its worker ran, the check last. pytest alone does not know the configured commands."""
    items = [session.items[index] for index in (*suspect.before, suspect.check.index)]
    return [item for item in items if not is_command(item)]


def _replay_folder(config: pytest.Config) -> Path | None:
    cache = getattr(config, "cache", None)
    try:
        return None if cache is None else Path(cache.mkdir("parallel-agents")) / "replay"
    except OSError:
        return None


class _LoneAttempt:
    """What a worker says of its check: whether that has `ended`, and if nothing was amiss until the worker was gone.

    `due` is when it has had its time.
    """

    def __init__(self, check: Check, until: float) -> None:
        self.check = check
        self.due = min(until, time.monotonic() + min(CHECK_SECONDS, check.timeout or CHECK_SECONDS))
        self.phases: list[messages.Phase] = []
        self.ended = False
        self.sound = True
        self.killed = False
        self.gone = False

    def take(self, news: messages.WorkerMessage | None) -> None:
        match news:
            case None:
                self.gone = True
            case messages.Failed(phases=phases) | messages.Finished(phases=phases):
                self.phases.extend(phases)
                self.ended = self.ended or isinstance(news, messages.Finished)
            case messages.Late(phase=phase):
                self.phases.append(phase)
            case messages.Halted():
                self.sound = False
