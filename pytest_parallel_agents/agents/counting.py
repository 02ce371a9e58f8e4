"""Counts what happens between two moments: calls, seconds, bytes and hot spots.

Numbers that gate a change must be the same whatever runs beside or has run before. So the search for garbage, which
may call finalizers and frees memory, begins anew with every count and ends with it.
"""

from __future__ import annotations

import cProfile
import gc
import sys
import time
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from types import CodeType
from typing import Protocol

from pytest_parallel_agents.agents.places import project_place
from pytest_parallel_agents.measurements import HotSpot, Measurement

_MOST_HOT_SPOTS = 100
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
        self._switches: int | None = None
        self._wall = 0.0
        self._cpu = 0.0

    def start(self) -> None:
        """Raises RuntimeError when another profiler is active: Python has room for one."""
        refuse_other_profilers()
        self._switches = _involuntary_switches()
        self._garbage.start()
        if self._memory:
            self._memory.start()  # as late as can be: what we allocate ourselves is not the block's
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        self._profile.enable()

    def stop(self) -> Measurement:
        self._profile.disable()
        cpu_seconds = time.process_time() - self._cpu
        wall_seconds = time.perf_counter() - self._wall
        switches = _involuntary_switches()
        peak_bytes = self._memory.stop() if self._memory else None
        self._profile.enable()
        gc.collect()  # finalizers of the block's garbage are its calls, whenever the collector comes to them
        self._profile.disable()
        self._garbage.stop()
        entries = [entry for entry in self._profile.getstats() if not _is_own(entry)]
        return Measurement(
            name=self._name,
            calls=sum(entry.callcount for entry in entries) - 1,  # our own search for garbage
            cpu_seconds=cpu_seconds,
            wall_seconds=wall_seconds,
            peak_bytes=peak_bytes,
            hot_spots=_hot_spots(entries, self._root),
            involuntary_switches=None if switches is None or self._switches is None else switches - self._switches,
        )


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
    """Lets the collector see nothing but what is allocated from now on.

    When it searches depends on how many objects there are; with those of earlier checks among them, a finalizer would
    run in one block in one run and in another in the next.
    """

    def __init__(self) -> None:
        self._unfreeze = False

    def start(self) -> None:
        self._unfreeze = not gc.get_freeze_count()
        gc.collect()  # finalizers of earlier garbage are not the block's calls
        gc.freeze()
        gc.collect()  # the collector counts anew, from nothing

    def stop(self) -> None:
        if self._unfreeze:  # what a forked worker shares with its parent must stay frozen, or every page were copied
            gc.unfreeze()


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
