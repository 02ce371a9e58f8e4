"""What is known of every check so far: reports and times go in, one result per check comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from pytest_parallel_agents.agents.evidence import from_wire
from pytest_parallel_agents.model import Attempt, Check, Evidence, Outcome, Result
from pytest_parallel_agents.workers.attempts import RERUN

EVIDENCE: Final = "parallel_agents"
"""Name of the attribute that carries a check's evidence on its reports."""

_MESSAGE_LENGTH = 500


@dataclass(slots=True)
class _Entry:
    outcome: Outcome | None = None
    message: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    attempts: tuple[Attempt, ...] = ()


class Ledger:
    """One entry per check, by its index."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._checks = {check.index: check for check in checks}
        self._entries = {index: _Entry() for index in self._checks}

    def report(self, index: int, report: pytest.TestReport) -> None:
        """Take in one report of a check. A later attempt's reports replace an earlier one's."""
        entry = self._entries[index]
        if str(report.outcome) == RERUN:
            entry.outcome = None
            return
        entry.outcome, told = _fold(entry.outcome, report)
        if told:
            entry.message = _short(report)
        carried: Any = getattr(report, EVIDENCE, None)
        if carried is not None:
            entry.evidence = from_wire(carried)

    def passed(self, index: int) -> None:
        """A check has passed and has nothing to say."""
        self._entries[index].outcome = Outcome.PASSED

    def ran(self, index: int, worker: str, spans: Iterable[tuple[float, float]]) -> None:
        """A check is over: the start and stop of each of its attempts, in seconds since the run's start."""
        entry = self._entries[index]
        entry.outcome = entry.outcome or Outcome.PASSED
        *earlier, last = spans
        entry.attempts = (
            *(_attempt(Outcome.FAILED, worker, span, entry.message) for span in earlier),
            _attempt(entry.outcome, worker, last, entry.message),
        )

    def end(self, index: int, outcome: Outcome, message: str) -> None:
        """Say how a check ended that cannot say so itself."""
        entry = self._entries[index]
        entry.outcome, entry.message = outcome, message

    def check(self, index: int) -> Check:
        return self._checks[index]

    def result(self, index: int) -> Result:
        """What is known; a check that never ran counts as cancelled."""
        entry = self._entries[index]
        return Result(
            check=self._checks[index],
            outcome=entry.outcome or Outcome.CANCELLED,
            attempts=entry.attempts,
            message=entry.message or ("" if entry.outcome else "never started"),
            evidence=entry.evidence,
        )

    def results(self) -> tuple[Result, ...]:
        return tuple(map(self.result, self._entries))


def _attempt(outcome: Outcome, worker: str, span: tuple[float, float], message: str) -> Attempt:
    return Attempt(outcome=outcome, worker=worker, start=span[0], stop=span[1], message=message)


def _fold(before: Outcome | None, report: pytest.TestReport) -> tuple[Outcome | None, bool]:
    """The outcome with one more report, and whether the report explains it."""
    xfail = hasattr(report, "wasxfail")
    if before in (Outcome.FAILED, Outcome.ERROR):
        return before, False
    if report.failed:
        return (Outcome.FAILED if report.when == "call" else Outcome.ERROR), True
    if report.skipped:
        return (Outcome.XFAILED if xfail else Outcome.SKIPPED), True
    if report.when == "call" and before is None:
        return (Outcome.XPASSED if xfail else Outcome.PASSED), xfail
    return before, False


def _short(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:_MESSAGE_LENGTH]
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message) if crash is not None else report.longreprtext
    return text.strip()[:_MESSAGE_LENGTH]
