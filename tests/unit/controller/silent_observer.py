"""An observer that shows nothing; tests override what they look at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from math import inf

from pytest_parallel_agents.controller.observers import Attempts
from pytest_parallel_agents.runtest.live_output import Line


class SilentObserver:
    due = inf

    def watched(self) -> AbstractContextManager[None]:
        return nullcontext()

    def look(self, now: float, running: Callable[[], Attempts]) -> None: ...

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def finished(self, check: int) -> None: ...

    def running(self, now: float, checks: Attempts) -> None: ...

    def printed(self, line: Line) -> None: ...

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None: ...

    def progressed(self, text: str) -> None: ...

    def noted(self, text: str) -> None: ...
