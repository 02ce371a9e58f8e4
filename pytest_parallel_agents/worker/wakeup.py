"""Lets one thread wait for others without code that a test could replace."""

from __future__ import annotations

import _thread

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins


class Wakeup:
    """Wakes the one thread that waits, as an event of `threading` would, whose methods can be replaced."""

    def __init__(self) -> None:
        self._sleep = _thread.allocate_lock()
        self._sleep.acquire()

    def wait(self) -> None:
        """Returns once `wake` was called after this thread was last woken."""
        self._sleep.acquire()

    def wake(self) -> None:
        """Wakes the thread that waits, or the next one that will."""
        try:  # noqa: SIM105 - for every message of a worker
            self._sleep.release()
        except RuntimeError:
            pass  # it is awake already
