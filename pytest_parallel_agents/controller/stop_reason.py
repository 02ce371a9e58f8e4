"""Reasons why a run ends before all its checks have run."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Interrupted(msgspec.Struct, frozen=True):
    """The session is to stop: by `-x`, a plugin, a time limit, Ctrl-C or a lack of workers."""

    reason: str


class ExitRequested(msgspec.Struct, frozen=True):
    """A check has called `pytest.exit()`, with this code or none."""

    reason: str
    code: int | None = None


class UserMistake(msgspec.Struct, frozen=True):
    """A worker found something wrong that the user has written, at which pytest ends."""

    reason: str


class WorkerBroke(msgspec.Struct, frozen=True):
    """A hook has failed in a worker: the run's results are not reliable."""

    reason: str


StopReason: TypeAlias = Interrupted | ExitRequested | UserMistake | WorkerBroke
