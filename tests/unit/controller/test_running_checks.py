from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_parallel_agents.controller.observers import Attempts
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.termination import RunningAttempt
from tests.unit.controller.silent_observer import SilentObserver


class Notes(SilentObserver):
    due = 10.0

    def __init__(self) -> None:
        self.notes: list[object] = []

    def look(self, now: float, running: Callable[[], Attempts]) -> None:
        self.notes.append((now, *running()))

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        self.notes.append((check, worker, seconds, where))

    @property
    def slow_ones(self) -> list[object]:
        return [note for note in self.notes if isinstance(note, tuple) and len(note) == 4]


class Pool:
    """With one worker."""

    def __init__(self) -> None:
        attempt = SimpleNamespace(name="gw0", attempt=None, notice_at=inf)
        attempt.end_attempt = partial(RemoteWorker.end_attempt, attempt)  # type: ignore[arg-type]
        self.live = {"gw0": attempt}
        self.worker: Any = attempt

    def setup_phrase(self, worker: str) -> str:
        return f"in {worker}"


@pytest.fixture
def pool() -> Pool:
    return Pool()


def running_checks_of(notes: Notes, pool: Any, *, slow: float) -> RunningChecks:
    return RunningChecks(notes, pool, slow=slow, now=0.0)


def test_a_slow_check_is_reported_each_period(pool: Pool) -> None:
    notes = Notes()
    running_checks = running_checks_of(notes, pool, slow=2.0)
    running_checks.started(pool.worker, 7, 1.0)

    assert running_checks.due == 3.0
    for now in (2.9, 3.0, 3.1, 5.0, 9.5):
        running_checks.look(now)

    assert notes.slow_ones == [(7, "gw0", 2.0, "in gw0"), (7, "gw0", 4.0, "in gw0"), (7, "gw0", 8.0, "in gw0")]
    assert running_checks.due == notes.due


def test_a_check_that_has_ended_is_not_reported_any_more(pool: Pool) -> None:
    notes = Notes()
    running_checks = running_checks_of(notes, pool, slow=2.0)
    running_checks.started(pool.worker, 7, 1.0)

    assert running_checks.ended(pool.worker, 2.0) == RunningAttempt(7, 1.0)
    running_checks.look(12.0)

    assert notes.notes == [(12.0,)]
    assert running_checks.ended(pool.worker, 3.0) is None


def test_the_observer_is_shown_what_runs(pool: Pool) -> None:
    notes = Notes()
    running_checks = running_checks_of(notes, pool, slow=60.0)
    running_checks.started(pool.worker, 7, 1.0)

    running_checks.look(1.5)

    assert notes.notes == [(1.5, (7, "gw0", 1.0))]
    assert running_checks.due == notes.due


def test_an_attempt_that_has_not_begun_was_not_made(pool: Pool) -> None:
    running_checks = running_checks_of(Notes(), pool, slow=2.0)
    running_checks.started(pool.worker, 7, 5.0)
    assert pool.worker.attempt.start == 5.0
    assert running_checks.ended(pool.worker, 4.0) is None
    assert pool.worker.attempt is None

    running_checks.started(pool.worker, 7, 5.0)
    assert running_checks.ended(pool.worker, 6.0) == RunningAttempt(7, 5.0)
