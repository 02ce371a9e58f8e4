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
import signal
import socket
import threading
from collections.abc import Callable
from typing import Final

from pytest_parallel_agents.process_tree import fork
from pytest_parallel_agents.transports.zygote_messages import (
    PACKET_BYTES,
    Ended,
    Fork,
    Forked,
    Refused,
    decode_answer,
    encode,
)
from pytest_parallel_agents.transports.zygote_process import become_zygote

_ANSWER_SECONDS: Final = 60


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
            become_zygote(theirs, work)
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
            self._control.send(encode(request))
        except OSError as error:
            raise ZygoteLost(f"the zygote (process {self.pid}) is gone: {error}") from error

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = threading.Thread(target=self._take_answers, name="zygote-listener", daemon=True)
            self._listener.start()

    def _take_answers(self) -> None:
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self._control, PACKET_BYTES, 1)
            except OSError:
                data, fds = b"", []
            if not data:
                break
            answer = decode_answer(data)
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
