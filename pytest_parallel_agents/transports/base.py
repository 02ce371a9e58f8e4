"""The interface of all transports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from pytest_parallel_agents.compat.xdist import WorkerNode

EXIT_SECONDS: Final = 2.0
"""Seconds that a worker's process may take to end after its channel."""

START_ATTEMPTS: Final = 5
"""How often a worker that ends before it has sent a message is started."""

KILL_SECONDS: Final = 10.0
"""Seconds that a worker which was asked to end may take."""


class HostLost(OSError):
    """The connection to a host has ended, or the host does not answer."""


def start_fault(error: OSError | EOFError) -> str:
    """Why an interpreter has not come up, as text that fits after its name."""
    could_not = isinstance(error, OSError) and error.errno is not None
    return f"could not be started ({error})" if could_not else "ended as soon as it was started"


class WorkerProcess(Protocol):
    """The process of one worker. No method fails when it has ended."""

    def pid(self) -> int | None:
        """Its process id on this machine; None if it has ended."""

    def interrupt(self) -> None:
        """Raises a KeyboardInterrupt in the running check, and asks its descendants to end."""

    def kill(self) -> None:
        """Kills it and its descendants."""

    def end_detached(self) -> None:
        """Ends processes that its checks have detached, which may hold its channel open."""

    def dump_stacks(self) -> None:
        """Makes it write its threads' stacks."""

    def is_stopped(self) -> bool:
        """Whether a signal has stopped it."""

    def release(self) -> None:
        """Lets it end: it has sent its last message."""

    def exit_status(self) -> int | None:
        """Waits until it has ended, once its channel has. Returns minus a signal's number, or an exit code; None for
        one that did not end by itself.
        """

    def host_fault(self) -> str:
        """Why the host that it was on is lost, as text that fits after the host's name; empty if it is not."""


class Link(msgspec.Struct, frozen=True):
    """A started worker: its node for plugins, the channel to send messages over, and its process.

    `host` is the machine that it is on, empty for this one, and `ahead` how many seconds this machine's monotonic clock
    is ahead of that machine's.
    """

    node: WorkerNode
    channel: Any
    process: WorkerProcess
    host: str = ""
    ahead: float | None = None


class Transport(Protocol):
    """Starts workers. One conformance suite runs every implementation."""

    @property
    def starts_clean(self) -> bool:
        """Whether a new worker takes milliseconds, and imports, configures and collects nothing again."""

    @property
    def lost(self) -> str:
        """Why no further worker can be started, as text for people; empty if one can."""

    def start(self, workers: Sequence[str], *, aside: bool = False) -> list[Link]:
        """New workers, ready for messages, all started at once. Raises OSError if one cannot be started, and HostLost,
        with none of them started, when that is because of their host.

        `aside`: they run checks once more, and leave the run's files alone.
        """

    def at(self, host: str) -> Transport:
        """The transport whose workers are on this host, which may be this one itself."""

    def close(self) -> None:
        """Ends all workers that are left."""
