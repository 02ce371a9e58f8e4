"""One worker on a host: its process there, and the threads that carry its bytes."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable
from typing import Any, Final

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.transports.local_process import LocalProcess
from pytest_parallel_agents.transports.remote.host_files import ChangedFiles
from pytest_parallel_agents.transports.remote.host_messages import HostEvent, Printed
from pytest_parallel_agents.wire.gateways.execnet_io import InterpreterIO
from pytest_parallel_agents.wire.run_folder import STREAMS, WorkerFiles

_CHUNK: Final = 1 << 16
_DRAIN_SECONDS: Final = 2.0
"""Seconds in which what is left of live output is read. A process that a check has detached may keep it open."""


class HostedWorker(LocalProcess):
    """A started worker, whose bytes go through `channel`. `report` sends an event to the controller.

    `group` is its process group.
    """

    def __init__(
        self, pipes: InterpreterIO, channel: Any, files: WorkerFiles, run: str, report: Callable[[HostEvent], None]
    ) -> None:
        super().__init__(run, files)
        self._process = pipes.popen
        self.group = pipes.popen.pid
        self._channel = channel
        self._changed = ChangedFiles(files, report)
        self._written: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._drains: list[threading.Thread] = []
        self._report = report
        self._has_reported_end = False

    def begin(self) -> None:
        """Starts to carry its bytes."""
        self._channel.setcallback(self._written.put, endmarker=b"")
        for carry in (self._carry_in, self._carry_out):
            threading.Thread(target=carry, daemon=True).start()

    def show_live(self, *, read: bool) -> None:
        """Sends output as it is printed, or without `read` lets none be seen. Before the worker has its settings."""
        for stream in STREAMS:
            path = self._files.live_output(stream)
            if not read:
                path.touch()
                continue
            os.mkfifo(path)
            drain = threading.Thread(target=self._drain, args=(stream,), daemon=True)
            self._drains.append(drain)
            drain.start()

    def pid(self) -> int | None:
        return self._process.pid if self._process.poll() is None else None

    def send_changes(self) -> int | None:
        """Sends what has changed in its files. Returns its exit status, the first time after it has ended."""
        status: int | None = self._process.poll()
        if status is None or not self._has_reported_end:
            self._changed.send()
        if status is None or self._has_reported_end:
            return None
        self._has_reported_end = True
        return status

    def end(self) -> None:
        """Ends it, if it has not ended by itself, and sends the rest of what it has written."""
        if (pid := self.pid()) is not None:
            process_tree.kill(pid)
        self._process.wait()
        self.end_detached()
        for stream, drain in zip(STREAMS, self._drains, strict=False):
            with contextlib.suppress(OSError):  # no worker has opened it
                os.close(os.open(self._files.live_output(stream), os.O_WRONLY | os.O_NONBLOCK))
            drain.join(_DRAIN_SECONDS)
        self._changed.send()

    def _carry_in(self) -> None:
        pipe = self._process.stdin
        with contextlib.suppress(OSError, ValueError):  # it has ended
            while pipe is not None and (data := self._written.get()):
                pipe.write(data)
                pipe.flush()
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()

    def _carry_out(self) -> None:
        pipe: Any = self._process.stdout
        with contextlib.suppress(OSError):  # the controller is gone
            while data := pipe.read1(_CHUNK):
                self._channel.send(data)
            self._changed.send()  # before the controller learns of the end
            self._channel.close()

    def _drain(self, stream: str) -> None:
        with contextlib.suppress(OSError), self._files.live_output(stream).open("rb", buffering=0) as pipe:
            while data := pipe.read(_CHUNK):
                self._report(Printed(self._files.worker, stream, data))
