"""Counts calls, seconds, bytes and hot spots between two moments.

Numbers that gate a change must be the same whatever runs beside the block or ran before it. So garbage, whose
finalizers are calls and which takes memory, is searched for before and at the end of a block, and other threads' calls
are left out.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from pytest_parallel_agents.early_bound import builtins, time
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.profiling.calls import Calls, Entry
from pytest_parallel_agents.project_paths import project_place

__builtins__ = builtins

_MOST_HOT_SPOTS = 100


class Count:
    """One count, from `start` to `stop`. Without `memory` no allocation is traced and the peak is None."""

    def __init__(self, *, name: str, root: Path, memory: bool) -> None:
        self._name = name
        self._root = root
        self._memory = _PeakMemory() if memory else None
        self._calls = Calls()
        self._garbage = _Garbage()
        self._switches: int | None = None
        self._wall = 0.0
        self._cpu = 0.0

    def start(self) -> None:
        """Raises RuntimeError when another profiler is active: Python allows one."""
        self._calls.start()
        self._switches = _involuntary_switches()
        self._garbage.start()
        if self._memory:
            self._memory.start()  # as late as possible: our own allocations are not the block's
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        self._calls.resume()

    def stop(self) -> Measurement:
        self._calls.pause()
        cpu_seconds = time.process_time() - self._cpu
        wall_seconds = time.perf_counter() - self._wall
        switches = _involuntary_switches()
        peak_bytes = self._memory.stop() if self._memory else None
        self._calls.resume()
        gc.collect()  # finalizers of the block's garbage are its calls too
        self._calls.pause()
        self._garbage.stop()
        entries = self._calls.end()
        return Measurement(
            name=self._name,
            calls=sum(entry.callcount for entry in entries) - 1,  # our own search for garbage
            cpu_seconds=cpu_seconds,
            wall_seconds=wall_seconds,
            peak_bytes=peak_bytes,
            hot_spots=_hot_spots(entries, self._root),
            involuntary_switches=None if switches is None or self._switches is None else switches - self._switches,
        )


@cache
def warm_up() -> None:
    """Counts an empty block, once in a process: what Python sets up for its first count is not the first block's
    memory.
    """
    count = Count(name="", root=Path(), memory=True)
    count.start()
    count.stop()


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


class _Garbage:
    """Garbage, collected before a block and at its end, not meanwhile.

    When and in which thread the collector runs by itself depends on what else the process does. So do the finalizers
    that run in the block, and the memory that is free again.
    """

    def __init__(self) -> None:
        self._enable = False
        self._callbacks: list[Callable[..., object]] = []

    def start(self) -> None:
        gc.collect()  # finalizers of earlier garbage are not the block's calls
        self._enable = gc.isenabled()
        gc.disable()
        self._callbacks, gc.callbacks[:] = gc.callbacks[:], []  # callbacks that watch the collector are not the block's

    def stop(self) -> None:
        gc.callbacks[:0] = self._callbacks
        if self._enable:
            gc.enable()


def _involuntary_switches() -> int | None:
    """How often the system took the CPU away from this process so far; None where that is not known."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def _hot_spots(entries: Iterable[Entry], root: Path) -> tuple[HotSpot, ...]:
    spots = [spot for entry in entries if (spot := _hot_spot(entry, root))]
    spots.sort(key=lambda spot: (-spot.self_seconds, spot.path, spot.line))
    return tuple(spots[:_MOST_HOT_SPOTS])


def _hot_spot(entry: Entry, root: Path) -> HotSpot | None:
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
