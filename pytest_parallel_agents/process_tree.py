"""Forks processes, gives them groups of their own, and ends them and their descendants: asked first, then killed."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from pytest_parallel_agents.early_bound import builtins, os, signal, threading, time
from pytest_parallel_agents.psutil_import import import_psutil

if TYPE_CHECKING:
    import psutil

__builtins__ = builtins

KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows one way to end a process
_POLL_SECONDS = 0.02
_KILLED_SECONDS = 1.0
"""Seconds that a killed process may take to be gone."""


def fork() -> int:
    """`os.fork` without the warning about threads: the caller has checked them and warned the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def own_group() -> None:
    """Leaves the controller's process group: the terminal's Ctrl-C is for the controller alone.

    A terminal stops background processes that set it or read from it. Checks and their children do set it, so the
    signals for that are blocked: unlike ignored ones they keep their handlers. Reading is an OSError.
    """
    if hasattr(os, "setpgid"):
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTTOU, signal.SIGTTIN))
        with contextlib.suppress(PermissionError):  # the leader of a session has a group of its own
            os.setpgid(0, 0)


def interrupt(pid: int) -> None:
    """Raises a KeyboardInterrupt in the process, whose clean-up then runs, and sends SIGTERM to all its descendants."""
    for process in started_by(pid):
        _send(process, signal.SIGTERM)
    for process in _existing(pid):
        _send(process, signal.SIGINT)


def kill(pid: int) -> None:
    """Kills the process and all its descendants."""
    for process in _existing(pid):
        with contextlib.suppress(_gone()):
            process.suspend()  # or it might start another child meanwhile
        for one in [*started_by(pid), process]:
            _send(one, KILL)


def end(pids: Iterable[int], grace: float) -> None:
    """Ends these processes and all their descendants: asked first, killed after `grace` seconds."""
    import_psutil()
    import psutil

    left = [process for pid in pids for process in [*started_by(pid), *_existing(pid)]]
    for process in left:
        _send(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(left, timeout=grace)
    for process in stubborn:
        _send(process, KILL)


def is_stopped(pid: int) -> bool:
    """Whether a signal has stopped the process until another one continues it."""
    import_psutil()
    import psutil

    with contextlib.suppress(_gone()):
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    return False


def began_after(pid: int, moment: float) -> bool:
    """Whether there is such a process, and it began after this time of the system's clock."""
    return any(process.create_time() > moment for process in _existing(pid))


def started_by(pid: int) -> list[psutil.Process]:
    """Its descendants, and all others in the process group that it leads."""
    import_psutil()
    import psutil

    found: dict[int, psutil.Process] = {}
    with contextlib.suppress(_gone()):
        found = {child.pid: child for child in psutil.Process(pid).children(recursive=True)}
    for process in psutil.process_iter() if hasattr(os, "getpgid") else ():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getpgid(process.pid) == pid:
                found.setdefault(process.pid, process)
    found.pop(pid, None)
    return list(found.values())


class LeftoverGroups:
    """Processes that ended workers have left in their process groups: asked to end, and killed after `grace`
    seconds.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._until: dict[int, float] = {}
        self._lock = threading.Lock()  # a thread of its own reports ended workers

    def add(self, group: int) -> None:
        """Records that the worker that led this group has ended."""
        if signal_group(group, signal.SIGTERM):
            with self._lock:
                self._until[group] = time.monotonic() + self._grace

    def close(self) -> None:
        """Returns when no process is left."""
        with self._lock:
            left = dict(self._until)
        for group, until in left.items():
            _wait_for(group, until)
            if signal_group(group, KILL):
                _wait_for(group, time.monotonic() + _KILLED_SECONDS)


def _wait_for(group: int, until: float) -> None:
    while time.monotonic() < until and group_runs(group):
        time.sleep(_POLL_SECONDS)


def signal_group(group: int, signum: int) -> bool:
    """Sends the signal. Returns whether the group still had members. Windows has no process groups."""
    if not hasattr(os, "killpg"):
        return False
    try:
        os.killpg(group, signum)
    except (ProcessLookupError, PermissionError):  # macOS raises the latter for ended processes
        return False
    return True


def group_runs(group: int) -> bool:
    """Whether a member still runs; one that has ended may stay in the group until its parent waits for it."""
    import_psutil()
    import psutil

    for process in [*_existing(group), *started_by(group)]:
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


def _existing(pid: int) -> Iterator[psutil.Process]:
    import_psutil()
    import psutil

    with contextlib.suppress(_gone()):
        yield psutil.Process(pid)


def _send(process: psutil.Process, signum: int) -> None:
    with contextlib.suppress(_gone(), ValueError):  # Windows cannot interrupt another process
        process.send_signal(signum)


def _gone() -> type[Exception]:
    import_psutil()
    import psutil

    return psutil.Error
