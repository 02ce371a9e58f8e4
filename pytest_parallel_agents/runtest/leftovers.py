"""Things that a check can leave behind in its process: child processes, threads, listening sockets.

The search must cost almost nothing where there is nothing. Whether there is any child is one system call, the number of
threads is a length, and sockets are searched only after one has begun to listen.
"""

from __future__ import annotations

import contextlib
import shlex
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, ClassVar, Final, TypeAlias

import msgspec

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.early_bound import builtins, os, socket, threading
from pytest_parallel_agents.runtest.child_processes import ancestry, child_pids, command_line, started
from pytest_parallel_agents.secrets import mask_secrets

__builtins__ = builtins

resource: Any = None
with contextlib.suppress(ImportError):  # Windows has none
    import resource

GRACE_SECONDS: Final = 0.5
"""Seconds that a process which is asked to end may take before it is killed."""

_DESCRIPTORS: Final = "/dev/fd"
_LONGEST: Final = 200
_HELPERS: Final = (
    ("multiprocessing.resource_tracker", "_resource_tracker", "_pid"),
    ("multiprocessing.forkserver", "_forkserver", "_forkserver_pid"),
    ("loky.backend.resource_tracker", "_resource_tracker", "_pid"),
    ("joblib.externals.loky.backend.resource_tracker", "_resource_tracker", "_pid"),
)
"""Attributes in which libraries keep the ids of helpers that live exactly as long as the process that they serve."""


class Process(msgspec.Struct, frozen=True):
    """A child process, which has not ended. `started` is by the clock of `child_processes.started`."""

    what: ClassVar = "child process"
    pid: int
    started: float

    def is_there(self) -> bool:
        return started(self.pid) == self.started

    def __str__(self) -> str:
        command = command_line(self.pid)
        if command is None:
            return f"{self.what} {self.pid}"
        shown = "a fork of this process" if command == command_line(os.getpid()) else shlex.join(command)
        return f"{self.what} {self.pid}: {mask_secrets(shown)[:_LONGEST]}"


class Detached(Process, frozen=True):
    """A process that is no child any more, since its parent has ended."""

    what: ClassVar = "detached process"


class Thread(msgspec.Struct, frozen=True):
    """A thread that keeps the process from ending."""

    thread: threading.Thread

    def is_there(self) -> bool:
        return self.thread.is_alive() and not _is_idle(self.thread)

    def __str__(self) -> str:
        return f"thread that is no daemon: {self.thread.name}"


class ListeningSocket(msgspec.Struct, frozen=True):
    """A socket that listens."""

    descriptor: int
    inode: int
    address: str

    def is_there(self) -> bool:
        return _listener(self.descriptor) == self

    def __str__(self) -> str:
        return f"listening socket: {self.address}"


Leftover: TypeAlias = Process | Thread | ListeningSocket


class Watch:
    """Finds what is there."""

    def __init__(self) -> None:
        self._has_listened = True

    def install(self) -> Callable[[], None]:
        """Records every socket that begins to listen; the returned function ends that."""
        original = socket.socket.listen

        @wraps(original)
        def listen(sock: socket.socket, *arguments: int) -> None:
            self._has_listened = True
            original(sock, *arguments)

        def restore() -> None:
            socket.socket.listen = original  # type: ignore[method-assign]

        socket.socket.listen = listen  # type: ignore[method-assign,assignment]
        return restore

    def is_quiet(self) -> bool:
        """Whether there is certainly nothing new."""
        return not self._has_listened and threading.active_count() == 1 and not _may_have_children()

    def look(self) -> set[Leftover]:
        """All leftovers. Sockets are included only if one has begun to listen since the last look."""
        found: set[Leftover] = {Thread(thread) for thread in threading.enumerate() if _counts(thread)}
        found.update(_children())
        if self._has_listened:
            self._has_listened = False
            found.update(_listeners())
        return found


def detached(pids: Iterable[int]) -> Iterator[Detached]:
    """Those of the processes that are neither this one nor have come from it by living ones."""
    for pid in pids:
        start = started(pid)
        if start is not None and os.getpid() not in ancestry(pid):
            yield Detached(pid, start)


def had_children() -> bool:
    """Whether this process has, or has waited for, any."""
    return _may_have_children() or resource is None or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0


def end_children() -> None:
    """Ends all child processes and their descendants."""
    if _may_have_children():
        end_processes(_children())


def end_processes(found: Iterable[Process]) -> None:
    """Ends these and their descendants: asked first, a moment later killed."""
    if left := [process.pid for process in found if process.is_there()]:
        process_tree.end(left, GRACE_SECONDS)


def _may_have_children() -> bool:
    """Whether any child exists. It is not waited for: that is left to the code that started it."""
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _children() -> Iterator[Process]:
    if not _may_have_children():
        return
    helpers = {getattr(getattr(sys.modules.get(module), name, None), pid, None) for module, name, pid in _HELPERS}
    for pid in child_pids():
        start = started(pid)
        if start is not None and pid not in helpers:
            yield Process(pid, start)


def _counts(thread: threading.Thread) -> bool:
    return not thread.daemon and thread is not threading.main_thread() and not _is_idle(thread)


def _is_idle(thread: threading.Thread) -> bool:
    """Whether it is a pool's and has nothing to do: it ends with its pool, and a pool that is held elsewhere is in use.

    Such a thread waits for work in the innermost frame that Python knows of.
    """
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001
    pool = sys.modules.get("concurrent.futures.thread")
    return frame is not None and pool is not None and frame.f_code is pool._worker.__code__  # noqa: SLF001


def _listeners() -> Iterator[ListeningSocket]:
    names = os.listdir(_DESCRIPTORS) if os.path.exists(_DESCRIPTORS) else []
    for name in names:
        listener = _listener(int(name))
        if listener is not None:
            yield listener


def _listener(descriptor: int) -> ListeningSocket | None:
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISSOCK(status.st_mode):
            return None
        with socket.socket(fileno=os.dup(descriptor)) as sock:
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return ListeningSocket(descriptor, status.st_ino, _address(sock.getsockname()))
    except OSError:
        pass  # it has been closed meanwhile
    return None


def _address(name: Any) -> str:
    if isinstance(name, tuple):
        host, port, *_ = name
        return f"{host}:{port}"
    return str(name) or "without a name"
