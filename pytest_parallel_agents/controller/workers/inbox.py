"""The arrivals from all workers that are not handled yet."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator, Sequence

from pytest_parallel_agents.controller.workers.incoming import Arrival


class Inbox:
    """Filled by execnet's threads, emptied by the controller."""

    def __init__(self) -> None:
        self._arrived: queue.SimpleQueue[Sequence[Arrival]] = queue.SimpleQueue()
        self.put = self._arrived.put

    def wait(self, seconds: float | None) -> Iterator[Arrival]:
        """All arrivals, after waiting up to `seconds` for the first.

        Later arrivals are left for the next call: workers that send without a pause do not keep the controller from
        checking the time.
        """
        with contextlib.suppress(queue.Empty):
            yield from self._arrived.get(timeout=seconds)
            for _ in range(self._arrived.qsize()):
                yield from self._arrived.get_nowait()

    def wake(self) -> None:
        """Ends a wait, from a signal handler or another thread."""
        self._arrived.put(())
