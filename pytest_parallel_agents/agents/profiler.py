"""The `profile` fixture: measures what a block of code does, in numbers that other checks do not disturb."""

from __future__ import annotations

import cProfile
import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, TracebackType
from typing import Protocol, Self

from pytest_parallel_agents.agents.places import project_place
from pytest_parallel_agents.measurements import HotSpot, Measurement

_MOST_HOT_SPOTS = 100
_OWN_BUILTIN = "<method 'disable' of '_lsprof.Profiler' objects>"


class Profiler:
    """Hands out measured blocks: `with profile() as run: ...`.

    `name` is the check's and names its blocks unless they name themselves; `record` is told of each finished block.
    """

    def __init__(self, *, name: str, root: Path, record: Callable[[Measurement], None]) -> None:
        self._name = name
        self._root = root
        self._record = record
        self._names: set[str] = set()

    def __call__(self, name: str | None = None, *, memory: bool = True) -> Run:
        """A block to be measured. Raises ValueError when the check has a block of that name already.

        Without `memory` the peak is None and allocations are not slowed down by tracing.
        """
        chosen = name or self._free_name()
        if chosen in self._names:
            raise ValueError(f"this check has a measurement named {chosen!r} already: name each block differently")
        self._names.add(chosen)
        return Run(name=chosen, root=self._root, record=self._record, memory=memory)

    def _free_name(self) -> str:
        return self._name if self._name not in self._names else f"{self._name} {len(self._names) + 1}"


class Run:
    """One measured block. What it measured is known when the block has ended, also when the block raised.

    Both times are taken under the profiler and therefore longer than without it.
    """

    def __init__(self, *, name: str, root: Path, record: Callable[[Measurement], None], memory: bool) -> None:
        self._name = name
        self._root = root
        self._record = record
        self._memory = _PeakMemory() if memory else None
        self._profile = cProfile.Profile()
        self._wall = 0.0
        self._cpu = 0.0
        self._measurement: Measurement | None = None

    @property
    def measurement(self) -> Measurement:
        """Raises RuntimeError while the block is still running."""
        if self._measurement is None:
            raise RuntimeError("what a block measured is known when its `with` has ended")
        return self._measurement

    @property
    def calls(self) -> int:
        """Calls of functions and built-ins, counted exactly.

        Of the block's thread; from Python 3.12 on cProfile sees what other threads call meanwhile as well.
        """
        return self.measurement.calls

    @property
    def cpu_seconds(self) -> float:
        """Of the whole process with all its threads."""
        return self.measurement.cpu_seconds

    @property
    def wall_seconds(self) -> float:
        return self.measurement.wall_seconds

    @property
    def peak_bytes(self) -> int | None:
        """The most that was allocated at once, above what was allocated at the start."""
        return self.measurement.peak_bytes

    @property
    def hot_spots(self) -> tuple[HotSpot, ...]:
        """Functions of the project, the one with most time of its own first."""
        return self.measurement.hot_spots

    def __enter__(self) -> Self:
        _refuse_other_profilers()
        gc.collect()  # finalizers of earlier garbage are not the block's calls
        if self._memory:
            self._memory.start()
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        self._profile.enable()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._profile.disable()
        cpu_seconds = time.process_time() - self._cpu
        wall_seconds = time.perf_counter() - self._wall
        peak_bytes = self._memory.stop() if self._memory else None
        entries = [entry for entry in self._profile.getstats() if not _is_own(entry)]
        self._measurement = Measurement(
            name=self._name,
            calls=sum(entry.callcount for entry in entries),
            cpu_seconds=cpu_seconds,
            wall_seconds=wall_seconds,
            peak_bytes=peak_bytes,
            hot_spots=_hot_spots(entries, self._root),
        )
        self._record(self._measurement)


class _PeakMemory:
    """Bytes allocated above the start. Leaves tracemalloc running when it ran before."""

    def __init__(self) -> None:
        self._base = 0
        self._stop_tracing = False

    def start(self) -> None:
        if not tracemalloc.is_tracing():
            tracemalloc.start()
            self._stop_tracing = True
        tracemalloc.reset_peak()
        self._base = tracemalloc.get_traced_memory()[0]

    def stop(self) -> int:
        peak = tracemalloc.get_traced_memory()[1]
        if self._stop_tracing:
            tracemalloc.stop()
        return max(peak - self._base, 0)


class _Entry(Protocol):
    """What cProfile knows of one function; `code` is a text for a built-in."""

    code: CodeType | str
    callcount: int
    inlinetime: float
    totaltime: float


def _refuse_other_profilers() -> None:
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on
    if sys.getprofile() is not None or (monitoring and monitoring.get_tool(monitoring.PROFILER_ID)):
        raise RuntimeError("another profiler is active: blocks cannot be nested or measured under a profiler")


def _is_own(entry: _Entry) -> bool:
    return entry.code == _OWN_BUILTIN or entry.code is Run.__exit__.__code__


def _hot_spots(entries: Iterable[_Entry], root: Path) -> tuple[HotSpot, ...]:
    spots = [spot for entry in entries if (spot := _hot_spot(entry, root))]
    spots.sort(key=lambda spot: (-spot.self_seconds, spot.path, spot.line))
    return tuple(spots[:_MOST_HOT_SPOTS])


def _hot_spot(entry: _Entry, root: Path) -> HotSpot | None:
    code = entry.code
    path = None if isinstance(code, str) else project_place(code.co_filename, root)
    if path is None or isinstance(code, str):
        return None
    return HotSpot(
        path=path,
        line=code.co_firstlineno,
        function=code.co_qualname,
        calls=entry.callcount,
        self_seconds=entry.inlinetime,
        cumulative_seconds=entry.totaltime,
    )
