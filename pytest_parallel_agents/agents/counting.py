"""Counts what happens between two moments: calls, seconds, bytes and hot spots.

Numbers that gate a change must be the same whatever runs beside or has run before. So garbage, whose finalizers are
calls and which takes memory, is searched for before and at the end of a block, and other threads' calls are taken off.
"""

from __future__ import annotations

import cProfile
import gc
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Protocol

from pytest_parallel_agents.agents.places import project_place
from pytest_parallel_agents.measurements import HotSpot, Measurement

_MOST_HOT_SPOTS = 100
_COUNTS_ALL_THREADS = sys.version_info >= (3, 12)
_OWN_BUILTIN = "<method 'disable' of '_lsprof.Profiler' objects>"
_OWN_FILES = frozenset({__file__, str(Path(__file__).with_name("profiler.py"))})


class Count:
    """One count, from `start` to `stop`. Without `memory` no allocation is traced and the peak is None."""

    def __init__(self, *, name: str, root: Path, memory: bool) -> None:
        self._name = name
        self._root = root
        self._memory = _PeakMemory() if memory else None
        self._profile = cProfile.Profile()
        self._garbage = _Garbage()
        self._others = _OtherThreads()
        self._switches: int | None = None
        self._wall = 0.0
        self._cpu = 0.0

    def start(self) -> None:
        """Raises RuntimeError when another profiler is active: Python has room for one."""
        refuse_other_profilers()
        self._switches = _involuntary_switches()
        self._others.start()
        self._garbage.start()
        if self._memory:
            self._memory.start()  # as late as can be: what we allocate ourselves is not the block's
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        self._others.counting = True
        self._profile.enable()

    def stop(self) -> Measurement:
        self._profile.disable()
        self._others.counting = False
        cpu_seconds = time.process_time() - self._cpu
        wall_seconds = time.perf_counter() - self._wall
        switches = _involuntary_switches()
        peak_bytes = self._memory.stop() if self._memory else None
        self._others.counting = True
        self._profile.enable()
        gc.collect()  # finalizers of the block's garbage are its calls too
        self._profile.disable()
        self._others.counting = False
        self._others.stop()
        self._garbage.stop()
        entries = [entry for entry in self._profile.getstats() if not _is_own(entry)]
        return Measurement(
            name=self._name,
            calls=max(0, sum(entry.callcount for entry in entries) - self._others.calls - 1),  # 1: our own search
            cpu_seconds=cpu_seconds,
            wall_seconds=wall_seconds,
            peak_bytes=peak_bytes,
            hot_spots=_hot_spots(entries, self._root),
            involuntary_switches=None if switches is None or self._switches is None else switches - self._switches,
        )


@cache
def rehearse() -> None:
    """Count nothing, once in a process: what Python sets up for its first count is not the first block's memory."""
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
    """Searched for before a block and at its end, not meanwhile.

    When the collector searches by itself, and in which thread, depends on what else the process does, and with it which
    finalizers run in the block and how much memory is free again.
    """

    def __init__(self) -> None:
        self._enable = False
        self._callbacks: list[Callable[..., object]] = []

    def start(self) -> None:
        gc.collect()  # finalizers of earlier garbage are not the block's calls
        self._enable = gc.isenabled()
        gc.disable()
        self._callbacks, gc.callbacks[:] = gc.callbacks[:], []  # those who watch the collector are not the block's

    def stop(self) -> None:
        gc.callbacks[:0] = self._callbacks
        if self._enable:
            gc.enable()


class _OtherThreads:
    """How much threads that ran already call while `counting`: from Python 3.12 on cProfile counts that too.

    Among them are the worker's own, which talk to the controller.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.counting = False

    def start(self) -> None:
        if _COUNTS_ALL_THREADS:
            threading.setprofile_all_threads(self._count)  # type: ignore[attr-defined, unused-ignore]
            sys.setprofile(None)  # the block's own thread

    def stop(self) -> None:
        if _COUNTS_ALL_THREADS:
            threading.setprofile_all_threads(None)  # type: ignore[attr-defined, unused-ignore]

    def _count(self, _frame: FrameType, event: str, _what: object) -> None:
        if self.counting and event in {"call", "c_call"}:
            self.calls += 1


class _Entry(Protocol):
    """What cProfile knows of one function; `code` is a text for a built-in."""

    code: CodeType | str
    callcount: int
    inlinetime: float
    totaltime: float


def refuse_other_profilers() -> None:
    """Raise RuntimeError when one is active."""
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on
    if sys.getprofile() is not None or (monitoring and monitoring.get_tool(monitoring.PROFILER_ID)):
        raise RuntimeError("another profiler is active: blocks cannot be nested or measured under a profiler")


def _involuntary_switches() -> int | None:
    """How often the system took the CPU away from this process so far; None where it does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def _is_own(entry: _Entry) -> bool:
    return entry.code == _OWN_BUILTIN or (isinstance(entry.code, CodeType) and entry.code.co_filename in _OWN_FILES)


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
