"""How a session ends before all its checks have run: as pytest's own loop would have it."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.controller.stop_reason import (
    ExitRequested,
    Interrupted,
    StopReason,
    UserMistake,
    WorkerBroke,
)


def stop_if_wanted(session: pytest.Session) -> None:
    """Raises what pytest's own loop raises when the session is to stop."""
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


def raise_stop(reason: StopReason | None, session: pytest.Session) -> None:
    """Raise what ends the session for this reason, if there is one."""
    match reason:
        case WorkerBroke():
            raise RuntimeError(reason.reason)
        case UserMistake():
            raise pytest.UsageError(reason.reason)
        case ExitRequested():
            raise pytest.exit.Exception(reason.reason, reason.code)
        case Interrupted():
            stop_if_wanted(session)
            raise session.Interrupted(reason.reason)
