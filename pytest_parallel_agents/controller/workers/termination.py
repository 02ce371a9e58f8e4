"""Terminations: why a worker was asked to end, because of the check that it runs. A worker is asked once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from pytest_parallel_agents.wire import messages


class RunningAttempt(msgspec.Struct, frozen=True):
    """The attempt that a worker runs. `start` is in seconds since the run's start, and lies ahead during a pause before
    it.
    """

    check: int
    start: float


class TimedOut(msgspec.Struct, frozen=True):
    """The attempt has run into a time limit. `since` is when the worker was asked, in seconds since the run's start;
    `message` names the limit, and `output` is the output by then, as report sections.
    """

    attempt: RunningAttempt
    since: float
    message: str
    output: Sequence[tuple[str, str]] = ()

    def was_ignored(self, attempt: RunningAttempt, stop: float) -> bool:
        """Whether this attempt, which stopped by itself, is the one that was asked to end, and went on."""
        return attempt == self.attempt and stop > self.since


class Cancelled(msgspec.Struct, frozen=True):
    """The check need not go on: its group is decided."""

    check: int


class Decided(msgspec.Struct, frozen=True):
    """The outcome of the check is known, and the worker will end soon."""

    check: int


class Moved(msgspec.Struct, frozen=True):
    """All checks of the worker, the running one included, go back to the scheduler and run elsewhere."""


Termination: TypeAlias = TimedOut | Cancelled | Decided | Moved

_OfChecks: TypeAlias = messages.Started | messages.AttemptFailed | messages.Finished | messages.Late


def supersedes(termination: Termination | None, message: messages.WorkerMessage) -> bool:
    """Whether the message comes too late to count."""
    match termination:
        case Moved():
            return isinstance(message, _OfChecks)
        case Decided(check):
            return isinstance(message, _OfChecks) and message.check == check
    return False


def ends(termination: Termination | None, attempt: RunningAttempt) -> bool:
    """Whether the attempt of a worker that has ended is over with it, and had not only just begun.

    Another attempt of a check that had timed out is not affected.
    """
    match termination:
        case None:
            return True
        case TimedOut():
            return termination.attempt == attempt
        case Cancelled(check):
            return check == attempt.check
    return False


def check_of(termination: Termination | None) -> int | None:
    """The check for which the worker was asked to end."""
    match termination:
        case TimedOut():
            return termination.attempt.check
        case Cancelled(check) | Decided(check):
            return check
    return None
