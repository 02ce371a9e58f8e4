"""Starts commands while tests are collected: a process of its own, which the controller forks before.

It starts them one after another, as their claims and locks allow. The controller asks it once, after the collection,
what has begun, and has the workers take that. The rest has not begun and runs like any other check.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from math import inf
from pathlib import Path
from typing import Final

import msgspec
import pytest

from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.scheduling.begun import LocalLocks
from pytest_parallel_agents.tools.early.launched import Job, Launched
from pytest_parallel_agents.tools.early.messages import Keep, Question, Settle, State, Take, encode

_MOST: Final = 32
"""Commands at a time, however many claim no CPU."""

_OFTEN_SECONDS: Final = 0.02
_SELDOM_SECONDS: Final = 1.0
_QUESTION_SECONDS: Final = 5.0
_KILLED_SECONDS: Final = 5.0
"""Seconds that a killed process may take to be gone."""


class Launcher:
    """`cpus` may be claimed at a time, and `capacities` are those of the locks. Output goes into files in `folder`.

    It answers at `listener`, and ends with everything that it has started when `alive` is closed at its other end, or
    its parent has ended.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        *,
        cpus: int,
        capacities: Mapping[str, int],
        folder: Path,
        grace: float,
        listener: socket.socket,
        alive: socket.socket,
    ) -> None:
        self._waiting = list(jobs)
        self._free = cpus
        self._locks = LocalLocks(capacities)
        self._folder = folder
        self._grace = grace
        self._listener = listener
        self._alive = alive
        self._parent = os.getppid()
        self._running: dict[Launched, None] = {}
        self._launched: dict[str, Launched] = {}
        self._takers: dict[Launched, socket.socket] = {}
        self._awaited: list[tuple[socket.socket, list[Launched], bytes]] = []
        self._selector = selectors.DefaultSelector()
        self._serves = True

    def serve(self) -> None:
        """Returns when the controller needs it no more and nothing runs."""
        for source in (self._listener, self._alive):
            self._selector.register(source, selectors.EVENT_READ)
        with ExitStack() as cleanups:
            cleanups.callback(self._end_all)
            cleanups.enter_context(_woken(self._selector, self.stop))
            while self._serves and os.getppid() == self._parent:
                self._wait(0.0 if self._start_next() else _SELDOM_SECONDS)
                self._look()

    def stop(self) -> None:
        """Lets `serve` return."""
        self._serves = False

    def _start_next(self) -> bool:
        """Starts one command, if there is one that may start: questions come between."""
        for job in self._waiting:
            fits = job.cpus <= self._free and len(self._running) < _MOST
            if fits and self._locks.admit(job.locks):
                self._waiting.remove(job)
                self._begin(job)
                return True
        return False

    def _begin(self, job: Job) -> None:
        try:
            launched = Launched(job, self._folder, str(len(self._launched)), self._grace)
        except (Exception, pytest.skip.Exception):  # noqa: BLE001 - its check reports it, in its turn
            self._locks.release(job.locks)
            return
        self._launched[job.nodeid] = launched
        self._running[launched] = None
        self._free -= job.cpus

    def _wait(self, most: float) -> None:
        if any(launched.is_urgent for launched in self._running):
            most = min(most, _OFTEN_SECONDS)
        due = min((launched.due for launched in self._running), default=inf)
        for key, _ in self._selector.select(min(most, max(0.0, due - time.monotonic()))):
            if key.fileobj is self._alive:
                self._hear()
            elif key.fileobj is self._listener:
                self._accept()
            elif isinstance(key.data, Launched):
                self._given_up(key.data)
            else:
                key.data()

    def _look(self) -> None:
        now = time.monotonic()
        for launched in list(self._running):
            launched.look(now)
            if launched.is_over:
                del self._running[launched]
                self._free += launched.job.cpus
                self._locks.release(launched.job.locks)
                self._hand_over(launched)
        for waiting in [one for one in self._awaited if not any(each in self._running for each in one[1])]:
            self._awaited.remove(waiting)
            _answer(waiting[0], waiting[2])

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            self._reply(_question(connection), connection)

    def _reply(self, question: Question | None, connection: socket.socket) -> None:
        match question:
            case Settle():
                _answer(connection, encode(self._settled()))
            case Keep(nodeids):
                others = [each for each in self._launched.values() if each.job.nodeid not in nodeids or not each.counts]
                for launched in others:
                    launched.end()
                self._awaited.append((connection, others, encode([])))
            case Take(nodeid):
                self._take(self._launched.get(nodeid), connection)
            case None:
                connection.close()

    def _hear(self) -> None:
        """The controller has ended, or everything is collected."""
        if self._alive.recv(1):
            self._settle()
        else:
            self.stop()

    def _settle(self) -> None:
        self._waiting.clear()
        for launched in self._launched.values():
            if launched.counts and launched.job.is_stale():
                launched.end()

    def _settled(self) -> Sequence[State]:
        self._settle()
        return [launched.state for launched in self._launched.values() if launched.counts]

    def _take(self, launched: Launched | None, connection: socket.socket) -> None:
        """A command that does not count must have ended before its check starts it anew."""
        if launched is None or launched.is_taken or not launched.counts:
            self._awaited.append((connection, [] if launched is None else [launched], encode(None)))
            return
        launched.is_taken = True
        if launched.is_over:
            _answer(connection, encode(launched.state))
            return
        self._takers[launched] = connection
        self._selector.register(connection, selectors.EVENT_READ, launched)
        with suppress(OSError):  # its end is noticed
            connection.sendall(encode(launched.state))

    def _hand_over(self, launched: Launched) -> None:
        connection = self._takers.pop(launched, None)
        if connection is not None:
            self._selector.unregister(connection)
            _answer(connection, encode(launched.state if launched.counts else None))

    def _given_up(self, launched: Launched) -> None:
        """Whoever waited for it has ended, or needs it no more."""
        connection = self._takers.pop(launched)
        self._selector.unregister(connection)
        connection.close()
        launched.end()

    def _end_all(self) -> None:
        for launched in self._running:
            launched.end()
        until = time.monotonic() + self._grace + _KILLED_SECONDS
        while self._running and time.monotonic() < until:
            self._look()
            time.sleep(_OFTEN_SECONDS)


def _question(connection: socket.socket) -> Question | None:
    connection.settimeout(_QUESTION_SECONDS)
    with suppress(msgspec.DecodeError), connection.makefile("rb") as lines:
        question: Question = msgspec.json.decode(lines.readline(), type=Question)
        return question
    return None


@contextmanager
def _woken(selector: selectors.BaseSelector, stop: Callable[[], None]) -> Iterator[None]:
    """Ended children wake the selector, and SIGTERM calls `stop`. Ctrl-C is for the controller."""
    woken, wake = socket.socketpair()
    with woken, wake:
        for end in (woken, wake):
            end.setblocking(False)  # noqa: FBT003
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda _signum, _frame: stop())
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        selector.register(woken, selectors.EVENT_READ, lambda: woken.recv(4096))
        yield
        signal.set_wakeup_fd(-1)


def _answer(connection: socket.socket, line: bytes) -> None:
    with connection, suppress(OSError):  # whoever asked may have ended
        connection.sendall(line)
