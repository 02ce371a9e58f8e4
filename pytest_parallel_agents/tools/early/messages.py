"""What the launcher is asked, and its answers: a line of JSON each, over one connection for each question."""

from __future__ import annotations

import msgspec


class Settle(msgspec.Struct, frozen=True, tag=True):
    """Start nothing more. The answer is a list of `State`, of the commands that can count."""


class Keep(msgspec.Struct, frozen=True, tag=True):
    """End all others. The answer is an empty list, once these and all that cannot count have ended."""

    nodeids: tuple[str, ...]


class Take(msgspec.Struct, frozen=True, tag=True):
    """The turn of this check has come. The answer is its `State`, or null if it must run like any other.

    If it still runs a second answer follows once it has ended. If the connection ends before that, it is ended.
    """

    nodeid: str


Question = Settle | Keep | Take


class State(msgspec.Struct, frozen=True):
    """A command that was started. `since` and `until` are times on the monotonic clock, `until` and `exit_code` None
    while it runs.

    Its output is in the files `stdout` and `stderr`. `fingerprint` is that of what it was started with.
    """

    nodeid: str
    since: float
    until: float | None
    exit_code: int | None
    stdout: str
    stderr: str
    fingerprint: str


def encode(message: object) -> bytes:
    return msgspec.json.encode(message) + b"\n"
