"""Counts the calls of one thread exactly, with cProfile, whatever other threads do meanwhile."""

from __future__ import annotations

import cProfile
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Protocol

from pytest_parallel_agents.early_bound import builtins, threading

__builtins__ = builtins

if sys.version_info >= (3, 12):
    from sys import monitoring

_OWN_BUILTINS = frozenset(
    {"<method 'disable' of '_lsprof.Profiler' objects>", "<built-in method sys.monitoring.set_events>"}
)
_OWN_FILES = frozenset(str(Path(__file__).with_name(name)) for name in ("calls.py", "counting.py", "profiler.py"))


class Entry(Protocol):
    """cProfile's entry of one function; `code` is a text for a built-in."""

    code: CodeType | str
    callcount: int
    inlinetime: float
    totaltime: float


class Calls:
    """The calls between `resume` and `pause`, made in the thread that counts. Must be ended."""

    def __init__(self) -> None:
        self._profile = cProfile.Profile()
        self._events = 0

    def start(self) -> None:
        """Prepares for `resume`. Raises RuntimeError when another profiler is active: Python allows one."""
        refuse_other_profilers()
        if sys.version_info >= (3, 12):
            self._profile.enable()
            self._events = monitoring.get_events(monitoring.PROFILER_ID)
            self.pause()
            _leave_out_other_threads()
            self._profile.clear()  # calls of other threads before they were left out

    def resume(self) -> None:
        if sys.version_info >= (3, 12):
            monitoring.set_events(monitoring.PROFILER_ID, self._events)
        else:
            self._profile.enable()

    def pause(self) -> None:
        if sys.version_info >= (3, 12):
            monitoring.set_events(monitoring.PROFILER_ID, 0)
        else:
            self._profile.disable()

    def end(self) -> list[Entry]:
        """The functions that were called, without those that count."""
        self._profile.disable()
        return [entry for entry in self._profile.getstats() if not _is_own(entry)]


def refuse_other_profilers() -> None:
    """Raises RuntimeError when one is active."""
    active = sys.getprofile() is not None
    if sys.version_info >= (3, 12):
        active = active or monitoring.get_tool(monitoring.PROFILER_ID) is not None
    if active:
        raise RuntimeError("another profiler is active: blocks cannot be nested or measured under a profiler")


def _is_own(entry: Entry) -> bool:
    code = entry.code
    return code in _OWN_BUILTINS if isinstance(code, str) else code.co_filename in _OWN_FILES


def _leave_out_other_threads() -> None:
    """From Python 3.12 on cProfile takes the calls of all threads for those of one.

    It then loses calls too: a return in one thread ends the last call of another.
    """
    if sys.version_info >= (3, 12):
        own = threading.get_ident()
        for event in vars(monitoring.events).values():
            if isinstance(event, int) and event.bit_count() == 1:
                callback = monitoring.register_callback(monitoring.PROFILER_ID, event, None)
                if callback is not None:
                    monitoring.register_callback(monitoring.PROFILER_ID, event, _in_this_thread(own, callback))


def _in_this_thread(own: int, callback: Callable[..., object]) -> Callable[..., None]:
    """The callback, called in this thread only."""
    get_ident = threading.get_ident  # looked up once: this runs twice a call

    def filtered(*happened: object) -> None:
        if get_ident() == own:
            callback(*happened)

    return filtered
