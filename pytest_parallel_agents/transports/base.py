"""What every way to get a worker has in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from pytest_parallel_agents.compat.xdist import WorkerNode

EXIT_SECONDS: Final = 2.0
"""How long the process of a worker may take to end when its channel has."""

START_ATTEMPTS: Final = 5
"""How often a worker is started that ends before it has said a word."""

KILL_SECONDS: Final = 10.0
"""How long a worker that was told to end may take."""


class Link(msgspec.Struct, frozen=True):
    """A started worker: its node for plugins, and the channel to speak over."""

    node: WorkerNode
    channel: Any


class Transport(Protocol):
    """Starts workers. One conformance suite runs every implementation."""

    @property
    def starts_clean(self) -> bool:
        """Whether a new worker takes milliseconds, and nothing is imported, configured or collected again for it."""

    def start(self, workers: Sequence[str]) -> list[Link]:
        """New workers, ready to be given orders, all started at once. Raises OSError if one cannot be had."""

    def living(self, worker: str) -> int | None:
        """The process id of a worker on this machine; None if it is gone."""

    def let_go(self, worker: str) -> None:
        """The worker has said its last word; its process may end."""

    def exit_status(self, worker: str) -> int | None:
        """How a worker's process ended, once its channel has: minus a signal's number, or an exit code; None for one
        that did not end by itself.
        """

    def close(self) -> None:
        """End whatever is left."""
