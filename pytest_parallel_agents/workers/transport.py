"""What every way to get a worker has in common."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pytest_parallel_agents.workers.contract import Node

KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows one way to end a process
KILL_SECONDS: Final = 10.0
"""How long a worker that was told to end may take."""


@dataclass(frozen=True, slots=True)
class Link:
    """A started worker: its node for plugins, and the channel to speak over."""

    node: Node
    channel: Any


class Transport(Protocol):
    """Starts workers. One conformance suite runs every implementation."""

    inherits: bool
    """Whether its workers know the controller's items, so that checks need no addresses."""

    def start(self, workers: Sequence[str]) -> list[Link]:
        """New workers, ready to be given orders, all started at once. Raises OSError if one cannot be had."""

    def signal(self, worker: str, signum: int) -> None:
        """Signal a worker and what it has started; nothing if it is gone."""

    def fate(self, worker: str) -> int | None:
        """How a worker's process ended, once its channel has: minus a signal's number, or an exit code."""

    def close(self) -> None:
        """End whatever is left."""
