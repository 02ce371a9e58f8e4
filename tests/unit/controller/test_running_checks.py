from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from pytest_parallel_agents.controller.running_checks import QUIET_SECONDS, RunningChecks
from pytest_parallel_agents.runtest.live_output import Line


class Notes:
    def __init__(self) -> None:
        self.notes: list[object] = []

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def finished(self, check: int) -> None: ...

    def running(self, now: float, checks: Sequence[tuple[int, str, float]]) -> None:
        self.notes.append((now, *checks))

    def printed(self, line: Line) -> None: ...

    def noted(self, text: str) -> None: ...

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        self.notes.append((check, worker, seconds, where))


def where(worker: str) -> str:
    return f"in {worker}"


def test_a_slow_check_is_told_of_each_period() -> None:
    notes = Notes()
    running_checks = RunningChecks(notes, where, slow=2.0, now=0.0)
    running_checks.started("gw0", 7, 1.0)

    assert running_checks.due == 3.0
    for now in (2.9, 3.0, 3.1, 5.0, 9.5):
        running_checks.look(now)

    assert notes.notes == [(7, "gw0", 2.0, "in gw0"), (7, "gw0", 4.0, "in gw0"), (7, "gw0", 8.0, "in gw0")]
    assert running_checks.due == QUIET_SECONDS


def test_who_has_ended_is_told_of_no_more() -> None:
    notes = Notes()
    running_checks = RunningChecks(notes, where, slow=2.0, now=0.0)
    running_checks.started("gw0", 7, 1.0)

    assert running_checks.ended("gw0", 2.0) == (7, 1.0)
    running_checks.look(2.0 + QUIET_SECONDS)

    assert notes.notes == []
    assert running_checks.ended("gw0", 3.0) is None


def test_quiet_is_broken_by_what_runs() -> None:
    notes = Notes()
    running_checks = RunningChecks(notes, where, slow=60.0, now=0.0)
    running_checks.started("gw0", 7, 1.0)

    running_checks.look(QUIET_SECONDS)
    running_checks.look(QUIET_SECONDS + 1)

    assert notes.notes == [(QUIET_SECONDS, (7, "gw0", 1.0))]


def test_an_attempt_that_has_not_begun_was_not_made() -> None:
    running_checks = RunningChecks(Notes(), where, slow=2.0, now=0.0)
    running_checks.started("gw0", 7, 5.0)
    assert running_checks.since("gw0") == 5.0
    assert running_checks.ended("gw0", 4.0) is None
    assert running_checks.since("gw0") is None

    running_checks.started("gw0", 7, 5.0)
    assert running_checks.ended("gw0", 6.0) == (7, 5.0)
