"""A single-threaded process, forked right after collection, that forks workers on request.

The controller has threads as soon as it is connected to its first worker, and forking a process that has threads may
copy a held lock. The zygote never has any, so a worker can be replaced at any time. It reports how each child ended,
and when the controller ends, however that happens, it ends the workers.
"""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import os
import selectors
import signal
import socket
import threading
import warnings
from collections.abc import Callable
from typing import NoReturn

import msgspec

from pytest_parallel_agents.process_tree import own_group

_ANSWER_SECONDS = 60
_MESSAGE_BYTES = 4096
_BROKEN = 70  # EX_SOFTWARE: the worker's own machinery broke


class Fork(msgspec.Struct, frozen=True, tag="fork"):
    """Controller to zygote: fork this worker. The answer is `Forked` with one end of its socket."""

    worker: str


class Forked(msgspec.Struct, frozen=True, tag="forked"):
    worker: str
    pid: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Zygote to controller: this worker cannot be forked, and why."""

    worker: str
    code: int
    reason: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """Zygote to controller: a worker has ended. `status` is negative for a signal, else the exit code."""

    worker: str
    pid: int
    status: int


_requests: msgspec.msgpack.Decoder[Fork] = msgspec.msgpack.Decoder(Fork)
_answers: msgspec.msgpack.Decoder[Forked | Refused | Ended] = msgspec.msgpack.Decoder(Forked | Refused | Ended)


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


class ZygoteLost(Exception):
    """The zygote does not answer any more."""


class Zygote:
    """The controller's side. Each worker runs `work(worker, sock)`; `ended(worker, pid, status)` is called when one has
    ended.
    """

    def __init__(self, work: Callable[[str, socket.socket], None], ended: Callable[[str, int, int], None]) -> None:
        self._ended = ended
        self._answers: dict[str, tuple[int, socket.socket] | OSError] = {}
        self._changed = threading.Condition()
        self.lost = False
        faulthandler.cancel_dump_traceback_later()  # a fork cannot stop its timer, and would wait for it for ever
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = fork()
        if self.pid == 0:
            self._control.close()
            _become_zygote(theirs, work)
        theirs.close()
        self._listener: threading.Thread | None = None

    def request(self, worker: str) -> None:
        """Requests this worker. Raises ZygoteLost."""
        self._listen()
        self._send(Fork(worker))

    def take(self, worker: str) -> tuple[int, socket.socket]:
        """The process id of a requested worker, and a socket to it. Raises ZygoteLost, and OSError if it could not be
        forked.
        """
        with self._changed:
            for _ in range(_ANSWER_SECONDS):
                if self._changed.wait_for(lambda: worker in self._answers or self.lost, timeout=1.0):
                    break
                self.resume()
            if worker not in self._answers:
                raise ZygoteLost(f"the zygote (process {self.pid}) did not fork {worker}")
            answer = self._answers.pop(worker)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def resume(self) -> None:
        """Continues the zygote if a signal has stopped it: a check may have sent one to the parent of its process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Ends the zygote, and with it any worker that is left."""
        self.resume()
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        if self._listener is not None:
            self._listener.join()
        self._control.close()
        for answer in self._answers.values():
            if not isinstance(answer, OSError):
                answer[1].close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _send(self, request: Fork) -> None:
        try:
            self._control.send(msgspec.msgpack.encode(request))
        except OSError as error:
            raise ZygoteLost(f"the zygote (process {self.pid}) is gone: {error}") from error

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = threading.Thread(target=self._take_answers, name="zygote-listener", daemon=True)
            self._listener.start()

    def _take_answers(self) -> None:
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self._control, _MESSAGE_BYTES, 1)
            except OSError:
                data, fds = b"", []
            if not data:
                break
            answer = _answers.decode(data)
            if isinstance(answer, Ended):
                self._ended(answer.worker, answer.pid, answer.status)
                continue
            with self._changed:
                self._answers[answer.worker] = _taken(answer, fds)
                self._changed.notify_all()
        with self._changed:
            self.lost = True
            self._changed.notify_all()


def _taken(answer: Forked | Refused, fds: list[int]) -> tuple[int, socket.socket] | OSError:
    """A worker and its socket, or the error. The kernel drops a descriptor when this process has too many."""
    if isinstance(answer, Refused):
        return OSError(answer.code, answer.reason)
    if not fds:
        return OSError(errno.EMFILE, "this process has as many files open as it may (see `ulimit -n`)")
    return answer.pid, socket.socket(fileno=fds[0])


def fork() -> int:
    """`os.fork` without the warning about threads: the caller has checked them and warned the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _become_zygote(control: socket.socket, work: Callable[[str, socket.socket], None]) -> NoReturn:
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
                self._wake.recv(_MESSAGE_BYTES)
                self._reap()
            if self._control in ready:
                data = self._control.recv(_MESSAGE_BYTES)
                if not data:
                    return self._abandon()
                self._answer(_requests.decode(data).worker)

    def _answer(self, worker: str) -> None:
        try:
            self._fork_worker(worker)
        except OSError as error:  # no more processes, memory or descriptors: the existing workers go on
            refused = Refused(worker, error.errno or 0, error.strerror or str(error))
            self._control.send(msgspec.msgpack.encode(refused))

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
            socket.send_fds(self._control, [msgspec.msgpack.encode(Forked(worker, pid))], [theirs.fileno()])

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
            self._groups.difference_update([pid] if not _has_members(pid) else ())
            with contextlib.suppress(OSError):
                self._control.send(msgspec.msgpack.encode(Ended(worker, pid, os.waitstatus_to_exitcode(status))))

    def _abandon(self) -> None:
        """Ends the workers and what they have left behind: the controller has ended, and no other process can."""
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
