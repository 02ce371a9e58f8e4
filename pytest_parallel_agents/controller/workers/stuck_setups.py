"""StuckSetUps: set-ups that wait for ever, since another worker has what they wait for: a port, a lock, a name.

Whether a set-up works or waits is not certain from outside. It counts as waiting when another worker had the same
fixture up at that time, in a fraction of the time, and neither this worker nor its descendants do anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from pytest_parallel_agents.early_bound import builtins, time
from pytest_parallel_agents.psutil_import import import_psutil
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.wire.setups import FixtureLifetime, WideFixture, read_lifetimes

__builtins__ = builtins

WAIT_SECONDS: Final = 10.0
"""Seconds that a set-up has been waiting at least."""
SLOWER: Final = 10
"""How many times as long as the other worker's it takes at least."""
WATCHED_SECONDS: Final = 3.0
"""Seconds for which a worker is seen to do nothing."""
IDLE_SHARE: Final = 0.2
"""Share of a CPU: a loop that checks every millisecond whether it may go on takes some."""


class StuckSetUp(msgspec.Struct, frozen=True):
    """A worker waits in the set-up of a fixture that the `other` had when it began."""

    worker: str
    other: str
    fixture: WideFixture


def describe_stuck(stuck: StuckSetUp) -> str:
    """A text for people: what happened, and the remedy."""
    return (
        f"worker {stuck.worker} waited for {WAIT_SECONDS:g} s in the set-up of {stuck.fixture}, which {stuck.other} "
        "had: its tests run on another worker. If there can be only one, keep the tests that use it on one worker with "
        f'@pytest.mark.xdist_group("{stuck.fixture.name}"), or have each worker make its own by its worker_id'
    )


class StuckSetUps:
    """Finds them among the workers whose files are in the run's folder."""

    def __init__(self, run_folder: RunFolder) -> None:
        self._folder = run_folder
        self._seen: dict[str, tuple[FixtureLifetime, float, float]] = {}

    def look(self, running: Iterable[tuple[str, float, int | None]], workers: Iterable[str]) -> list[StuckSetUp]:
        """The clashes found now. To be called about every second.

        `running` are workers that run a check, for how many seconds, and their process ids; `workers` are all of the
        run.
        """
        long = [(worker, pid) for worker, seconds, pid in running if seconds >= WAIT_SECONDS and pid is not None]
        if not long:
            return []
        lifetimes = {worker: read_lifetimes(self._folder.of(worker).setups) for worker in workers}
        found = ((self._stuck(worker, lifetimes), pid) for worker, pid in long)
        return [stuck for stuck, pid in found if stuck is not None and self._waits(stuck.worker, lifetimes, pid)]

    def _stuck(self, worker: str, lifetimes: dict[str, list[FixtureLifetime]]) -> StuckSetUp | None:
        own = _under_way(lifetimes[worker])
        if own is None:
            return None
        seconds = time.monotonic() - own.begun
        for other, its in lifetimes.items():
            for life in its:
                if other != worker and _stuck_setups(own, life) and seconds >= max(WAIT_SECONDS, SLOWER * life.seconds):
                    return StuckSetUp(worker, other, own.fixture)
        return None

    def _waits(self, worker: str, lifetimes: dict[str, list[FixtureLifetime]], pid: int) -> bool:
        own, used, now = _under_way(lifetimes[worker]), _cpu_seconds(pid), time.monotonic()
        if own is None or used is None:
            return False
        life, since, before = self._seen.get(worker, (None, now, used))
        if life != own or used - before > IDLE_SHARE * max(now - since, 1.0):
            self._seen[worker] = own, now, used
            return False
        return now - since >= WATCHED_SECONDS


def _under_way(lifetimes: list[FixtureLifetime]) -> FixtureLifetime | None:
    return next((life for life in reversed(lifetimes) if life.done is None and life.over is None), None)


def _stuck_setups(own: FixtureLifetime, other: FixtureLifetime) -> bool:
    """Whether the other one was up, or being set up, when this set-up began."""
    return other.fixture == own.fixture and other.done is not None and (other.over is None or other.over > own.begun)


def _cpu_seconds(pid: int) -> float | None:
    """The CPU seconds of the process; None if it has ended or has children, whose work is not as easily seen."""
    import_psutil()
    import psutil

    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return None if process.children() else float(times.user + times.system)
    except psutil.Error:
        return None
