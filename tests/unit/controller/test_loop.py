from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_parallel_agents.controller.commands import Commands
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.stop_reason import Interrupted
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.workers import clock
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.incoming import Arrival
from pytest_parallel_agents.controller.workers.watchdog import EVERY_SECONDS
from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.session.distribute import Terms, distribution
from tests.unit.controller.silent_observer import SilentObserver


class SilentPool:
    """Lives for some waits, in which time passes and nothing arrives."""

    def __init__(self, waits: int, passes: float) -> None:
        self.inbox = self
        self.live_output = SimpleNamespace(show_arrived=lambda: None)
        self.live: dict[str, object] = {}
        self.nodes: dict[str, object] = {}
        self.local: set[str] = set()
        self.run_folder = None
        self.waited: list[float] = []
        self._waits = waits
        self._passes = passes
        self.clock = 1000.0  # not the real time, whose fractions would not add up

    def __bool__(self) -> bool:
        return len(self.waited) < self._waits

    def wake(self) -> None: ...

    def take_joined(self) -> Iterator[Host]:
        return iter(())

    def wait(self, seconds: float) -> Iterator[Arrival]:
        self.waited.append(seconds)
        self.clock += self._passes
        return iter(())


def test_nobody_running_is_waited_for_without_spinning(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = SilentPool(waits=4, passes=EVERY_SECONDS)
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: pool.clock))
    groups: Any = SimpleNamespace(release=lambda **_: (), weighed=lambda: ())
    scheduler: Any = SimpleNamespace(deadline=None, stranded=False, handle=lambda _event: [])
    parts: Any = {"session": None, "store": None, "replay": None, "observer": SilentObserver(), "pool": pool}
    after_a_long_collection = RunClock(pool.clock - 100.0)

    distribution(
        **parts,
        groups=groups,
        scheduler=scheduler,
        pending=PendingEvents(after_a_long_collection),
        terms=Terms(Limits()),
    ).run()

    assert pool.waited == pytest.approx([EVERY_SECONDS] * 4)


def test_what_is_reported_when_all_hosts_are_lost_names_no_resource() -> None:
    pending = PendingEvents(RunClock(0.0))
    scheduler: Any = SimpleNamespace(stranded=True, needed=[], unstarted=[1, 2], handle=lambda _event: [])
    pool: Any = SimpleNamespace(may_grow=False, hosts_lost="", hosts_refused="its interpreter has ended")
    running: Any = SimpleNamespace(all=list)
    unused: Any = None
    stopping = Stopping(unused, running, pending)

    assert not Commands(scheduler, pool, unused, stopping, pending, worker_ends=unused).awaits_host()

    assert stopping.reason == Interrupted(
        "no worker could be started: no host is left for 2 remaining checks; its interpreter has ended"
    )
