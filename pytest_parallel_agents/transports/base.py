"""What every way to get a worker has in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from pytest_parallel_agents.compat.xdist import WorkerNode

EXIT_SECONDS: Final = 2.0
"""How long the process of a worker may take to end when its channel has."""

START_ATTEMPTS: Final = 5
"""How often a worker is started that ends before it has sent a message."""

KILL_SECONDS: Final = 10.0
"""How long a worker that was told to end may take."""


class WorkerProcess(Protocol):
    """The process of one worker. Nothing here fails when it is gone."""

    def pid(self) -> int | None:
        """Its process id on this machine; None if it is gone."""

    def interrupt(self) -> None:
        """Let the running check see a KeyboardInterrupt, and ask what it has started to end."""

    def kill(self) -> None:
        """End it and what it has started, whatever they do about it."""

    def end_detached(self) -> None:
        """End what its checks have detached from it, which may hold its channel open."""

    def dump_stacks(self) -> None:
        """Have it write where its threads stand."""

    def is_stopped(self) -> bool:
        """Whether a signal has stopped it."""

    def let_go(self) -> None:
        """It has sent its last message and may end."""

    def exit_status(self) -> int | None:
        """How it ended, once its channel has: minus a signal's number, or an exit code; None for one that did not end
        by itself. It has ended when this returns.
        """


class Link(msgspec.Struct, frozen=True):
    """A started worker: its node for plugins, the channel to send messages over, and its process."""

    node: WorkerNode
    channel: Any
    process: WorkerProcess


class Transport(Protocol):
    """Starts workers. One conformance suite runs every implementation."""

    @property
    def starts_clean(self) -> bool:
        """Whether a new worker takes milliseconds, and nothing is imported, configured or collected again for it."""

    def start(self, workers: Sequence[str]) -> list[Link]:
        """New workers, ready to be sent messages, all started at once. Raises OSError if one cannot be had."""

    def close(self) -> None:
        """End whatever is left."""
