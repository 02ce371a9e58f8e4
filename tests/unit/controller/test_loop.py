from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_parallel_agents.controller import clocks
from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.inbox import Arrival
from pytest_parallel_agents.controller.loop import Controller
from pytest_parallel_agents.controller.watchdog import EVERY_SECONDS
from pytest_parallel_agents.limits import Limits


class SilentCrew:
    """Lives for some waits, in which time passes and nobody says anything."""

    def __init__(self, waits: int, passes: float) -> None:
        self.inbox = self
        self.waited: list[float] = []
        self._waits = waits
        self._passes = passes
        self.clock = 1000.0  # not the real time, whose fractions would not add up

    def __bool__(self) -> bool:
        return len(self.waited) < self._waits

    def wake(self) -> None: ...

    def read_journals(self) -> None: ...

    def is_live(self, _worker: str) -> bool:
        return False

    def setup(self, _worker: str) -> str:
        return ""

    def gone(self) -> frozenset[str]:
        return frozenset()

    def stopped(self) -> Sequence[str]:
        return ()

    def clashes(self, _running: Iterable[tuple[str, float]]) -> Sequence[str]:
        return ()

    @property
    def live(self) -> SimpleNamespace:
        return SimpleNamespace(tell=lambda: None)

    def wait(self, seconds: float) -> Iterable[Arrival]:
        self.waited.append(seconds)
        self.clock += self._passes
        return []


class SilentWatcher:
    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()


def test_nobody_running_is_waited_for_without_spinning(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = SilentCrew(waits=4, passes=EVERY_SECONDS)
    monkeypatch.setattr(clocks, "time", SimpleNamespace(monotonic=lambda: pool.clock))
    parts: Any = {"session": None, "store": None, "replay": None, "watcher": SilentWatcher(), "pool": pool}
    scheduler: Any = SimpleNamespace(deadline=None, handle=lambda _event: [])
    after_a_long_collection = pool.clock - 100.0

    Controller(
        **parts, scheduler=scheduler, clocks=Clocks(after_a_long_collection), limits=Limits(), most_losses=0
    ).run()

    assert pool.waited == pytest.approx([EVERY_SECONDS] * 4)
