"""The zygote's own process: forks workers on request and reports how they end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
from collections.abc import Callable
from typing import Final, NoReturn

from pytest_parallel_agents.process_tree import own_group, signal_group
from pytest_parallel_agents.transports.zygote_messages import (
    PACKET_BYTES,
    Ended,
    Forked,
    Refused,
    decode_request,
    encode,
)

_BROKEN: Final = 70  # EX_SOFTWARE: the worker's own machinery broke


class BecameWorker(BaseException):
    """Raised in a forked worker with its work, which is done where this is caught.

    None of the frames in which the worker was forked shall lie below it. `kept` holds objects of the controller that
    must not end with these frames.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work
        self.kept: object = None

    def serve(self) -> NoReturn:
        """Does the work, and ends this process."""
        self.__traceback__ = None
        status = _BROKEN
        try:
            self._work()
            status = 0
        finally:
            os._exit(status)  # the parent's exit handlers and its session's end are not ours


def become_zygote(control: socket.socket, work: Callable[[str, socket.socket], None]) -> NoReturn:
    """Serves the controller at the other end of `control` until that ends. Each worker runs `work(worker, sock)`."""
    try:
        own_group()
        server = _ZygoteServer(control, work)
        server.serve()
    except BecameWorker:
        raise
    except BaseException:  # noqa: BLE001 - there is no way to report it
        os._exit(1)
    os._exit(0)  # its sockets are still open: Python would warn of them if they were freed before the exit


class _ZygoteServer:
    """The zygote's side: forks and reaps."""

    def __init__(self, control: socket.socket, work: Callable[[str, socket.socket], None]) -> None:
        self._control = control
        self._work = work
        self._pids: dict[str, int] = {}
        self._groups: set[int] = set()
        self._wake, wake_write = socket.socketpair()
        self._wake.setblocking(False)  # noqa: FBT003
        wake_write.setblocking(False)  # noqa: FBT003
        self._wake_write = wake_write
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        self._broken_pipe = signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a conftest may have changed it for tests
        signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._control, selectors.EVENT_READ)
        selector.register(self._wake, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if self._wake in ready:
                self._wake.recv(PACKET_BYTES)
                self._reap()
            if self._control in ready:
                data = self._control.recv(PACKET_BYTES)
                if not data:
                    return self._abandon()
                self._answer(decode_request(data).worker)

    def _answer(self, worker: str) -> None:
        try:
            self._fork_worker(worker)
        except OSError as error:  # no more processes, memory or descriptors: the existing workers go on
            refused = Refused(worker, error.errno or 0, error.strerror or str(error))
            self._control.send(encode(refused))

    def _fork_worker(self, worker: str) -> None:
        theirs, ours = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:
            theirs.close()
            ours.close()
            raise
        if pid == 0:
            theirs.close()
            self._become_worker(worker, ours)
        ours.close()
        self._pids[worker] = pid
        self._groups.add(pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)  # the child does the same: either may be first
        with theirs:
            socket.send_fds(self._control, [encode(Forked(worker, pid))], [theirs.fileno()])

    def _become_worker(self, worker: str, sock: socket.socket) -> NoReturn:
        try:
            own_group()
            signal.set_wakeup_fd(-1)
            for inherited in (self._control, self._wake, self._wake_write):
                inherited.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if self._broken_pipe is not None:  # it was set from Python
                signal.signal(signal.SIGPIPE, self._broken_pipe)
            self._work(worker, sock)
        except BecameWorker:
            raise
        except BaseException:  # noqa: BLE001 - the controller sees how it ends
            os._exit(_BROKEN)
        os._exit(0)

    def _reap(self) -> None:
        while self._pids:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            worker = next((name for name, known in self._pids.items() if known == pid), None)
            if worker is None:
                continue  # a worker's orphan that this process has adopted
            del self._pids[worker]
            self._groups.difference_update([pid] if not signal_group(pid, 0) else ())
            with contextlib.suppress(OSError):
                self._control.send(encode(Ended(worker, pid, os.waitstatus_to_exitcode(status))))

    def _abandon(self) -> None:
        """Ends the workers and what they have left behind: the controller has ended, and no other process can."""
        for group in self._groups:
            signal_group(group, signal.SIGKILL)
