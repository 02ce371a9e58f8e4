"""The controller's end of a control connection: one host, and what happens on it."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
from execnet.gateway import Gateway

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.base import HostLost
from pytest_parallel_agents.transports.remote import host_messages as messages
from pytest_parallel_agents.transports.remote.host_files import BroughtFiles
from pytest_parallel_agents.transports.remote.live_pipes import LivePipes
from pytest_parallel_agents.transports.remote.package_there import HOST_MAIN, check_package
from pytest_parallel_agents.wire.gateways import controller_side
from pytest_parallel_agents.wire.run_folder import RunFolder

MISSING_SECONDS: Final = 15.0
"""Seconds without a sign of life after which a host counts as lost. It gives one each second."""
ANSWER_SECONDS: Final = 60.0
"""Seconds that an answer may take on a host that gives signs of life."""
_WATCH_SECONDS: Final = 0.5


class Connection(Protocol):
    """What stands behind a host's gateway: an ssh process, or another way to the machine.

    `host` is how people call the machine.
    """

    host: str
    gateway: Gateway

    def close(self) -> None:
        """Ends the connection in good order. The other side expects it."""

    def cut(self) -> None:
        """Ends the connection at once, whatever state the other side is in. It may have ended."""

    def fault(self) -> str:
        """Once it has ended: why, as far as this side knows; may be empty."""


class Host:
    """A host whose program serves. `lost` is why it counts as lost, as text that fits after its name.

    `ahead` is how many seconds this machine's monotonic clock is ahead of the host's.
    """

    def __init__(self, name: str, connection: Connection, run_folder: RunFolder) -> None:
        self.name = name
        self.lost = ""
        self.ahead = math.inf
        self._connection = connection
        self._files = BroughtFiles(run_folder)
        self._live = LivePipes(run_folder)
        self._changed = threading.Condition()
        self._answers: list[messages.Ready | messages.Refused] = []
        self._digests: list[messages.Digests] = []
        self._started: dict[str, messages.Started | messages.NotStarted] = {}
        self._ended: dict[str, int] = {}
        self._workers: set[str] = set()
        self._stopped: frozenset[str] = frozenset()
        self._closing = False
        self._has_ended = threading.Event()
        self._silent = 0.0
        self._control: Any = None
        self._serves = False

    def begin(self, settings: messages.HostSettings) -> messages.Ready:
        """Starts the host's program. Raises AgentsError, which names the host and the remedy."""
        try:
            control = self._control = self._connection.gateway.remote_exec(HOST_MAIN)
            check_package(control, self.name, ANSWER_SECONDS)
            control.send(messages.encode(settings))
        except (OSError, EOFError):
            raise AgentsError(f"{self.name} {self._why_ended()}") from None
        self._serves = True
        control.setcallback(self._take, endmarker=None)
        threading.Thread(target=self._watch, name=f"host-{self.name}", daemon=True).start()
        self._await(lambda: bool(self._answers))
        answer = self._answers[-1]
        if isinstance(answer, messages.Refused):
            raise AgentsError(f"{self.name}: {answer.reason}", hint="name the project's folder there with //chdir=...")
        return answer

    def digests(self, asked: messages.DigestOnHost) -> messages.Digests:
        """The digests of files there. Raises HostLost."""
        self.send(asked)
        self._await(lambda: bool(self._digests))
        return self._digests[-1]

    def request(self, worker: str, *, aside: bool) -> Any:
        """Requests a worker. Returns the channel for its bytes. Raises HostLost."""
        with self._changed:
            self._workers.add(worker)
        try:
            channel = self._connection.gateway.newchannel()
        except OSError:
            raise self._loss() from None
        self.send(messages.StartOnHost(worker, aside=aside), channel)
        return channel

    def ended_channel(self) -> Any:
        """A channel like that of a worker which has ended: nothing comes, and nothing can be sent. Raises HostLost."""
        try:
            channel = self._connection.gateway.newchannel()
            channel.close()
        except OSError:
            raise self._loss() from None
        return channel

    def take(self, worker: str) -> int:
        """The process id of a requested worker. Raises HostLost, and OSError if it could not be started."""
        self._await(lambda: worker in self._started)
        started = self._started[worker]
        if isinstance(started, messages.NotStarted):
            raise OSError(f"worker {worker} on {self.name}: {started.reason}")
        return started.pid

    def send(self, command: messages.HostCommand, channel: Any = None) -> None:
        """Raises HostLost."""
        try:
            self._control.send((messages.encode(command), channel))
        except OSError:
            raise self._loss() from None

    def has_ended(self, worker: str) -> bool:
        """Whether its process has ended, or nothing more will be heard of it."""
        return worker in self._ended or bool(self.lost)

    def is_stopped(self, worker: str) -> bool:
        """Whether a signal had stopped it at the host's last sign of life."""
        return worker in self._stopped

    def exit_status(self, worker: str, seconds: float) -> int | None:
        """Waits until it has ended; None if that takes longer, or if the host is lost."""
        with self._changed:
            self._changed.wait_for(lambda: self.has_ended(worker), timeout=seconds)
        return self._ended.get(worker)

    def close(self, seconds: float) -> None:
        """Ends the workers that are left, and the connection."""
        self._closing = True
        if self._serves and not self.lost:
            with contextlib.suppress(OSError):
                self.send(messages.CloseHost())
                self._has_ended.wait(seconds)
        self._has_ended.set()
        self._live.close()
        if self.lost:
            self._connection.cut()
        else:
            self._connection.close()

    def _await(self, has_come: Callable[[], bool]) -> None:
        """Waits for an answer of the host. Raises HostLost."""
        with self._changed:
            self._changed.wait_for(lambda: has_come() or self.lost, timeout=ANSWER_SECONDS)
        if not has_come():
            if not self.lost:
                self._lose(f"did not answer for {ANSWER_SECONDS:g} s")
            raise self._loss()

    def _loss(self) -> HostLost:
        if not self.lost:
            self._lose(self._why_ended())
        return HostLost(f"{self.name} {self.lost}")

    def _why_ended(self) -> str:
        if error := self._control and controller_side.remote_error(self._control):
            return f"broke off: {error}"
        fault = self._connection.fault()
        return f"has ended the connection: {fault}" if fault else "has ended the connection"

    def _lose(self, why: str) -> None:
        with self._changed:
            self.lost = self.lost or why
            self._changed.notify_all()
        self._connection.cut()

    def _watch(self) -> None:
        """In a thread of its own: a host that hangs ends no connection. It counts looks, for this process may have been
        stopped itself.
        """
        while not self._has_ended.wait(_WATCH_SECONDS):
            self._silent += _WATCH_SECONDS
            if self._silent > MISSING_SECONDS:
                self._lose(f"has given no sign of life for {MISSING_SECONDS:g} s")
                return

    def _take(self, data: bytes | None) -> None:
        """Takes an event, in the thread that receives from this host. None: the connection has ended."""
        self._silent = 0.0
        if data is None:
            if not self._closing:
                self._lose(self._why_ended())
            self._has_ended.set()
            return
        try:
            event = messages.decode_event(data)
            with self._changed:
                self._note(event)
                self._changed.notify_all()
        except (msgspec.DecodeError, ValueError) as error:
            self._lose(f"has sent what is no event: {error}")
        except OSError as error:
            self._lose(f"has sent what could not be written here: {error}")

    def _note(self, event: messages.HostEvent) -> None:
        match event:
            case messages.Ready() | messages.Refused():
                self._answers.append(event)
            case messages.Digests():
                self._digests.append(event)
            case messages.Started(worker) | messages.NotStarted(worker):
                self._started[worker] = event
            case messages.Ended(worker, status):
                self._ended[worker] = status
            case messages.Beat(clock, stopped):
                self.ahead = min(self.ahead, time.monotonic() - clock)  # the quickest of them is nearest to the truth
                self._stopped = frozenset(stopped)
            case messages.FileContent():
                self._files.write(event, self._workers)
            case messages.Printed(worker, stream, data):
                if worker not in self._workers:
                    raise ValueError(f"output of {worker!r}")
                self._live.write(worker, stream, data)
