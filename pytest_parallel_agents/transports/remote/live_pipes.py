"""Live output of workers on a host, on its way into the pipes from which the controller reads that of all workers."""

from __future__ import annotations

import contextlib
import queue
import threading
from pathlib import Path

from pytest_parallel_agents.wire.run_folder import STREAMS, RunFolder


class LivePipes:
    """Threads write into the pipes: a pipe is full when output comes faster than it is shown."""

    def __init__(self, run_folder: RunFolder) -> None:
        self._run_folder = run_folder
        self._waiting: dict[Path, queue.SimpleQueue[bytes]] = {}

    def write(self, worker: str, stream: str, data: bytes) -> None:
        """Raises ValueError for a stream that no worker has."""
        if stream not in STREAMS:
            raise ValueError(f"a stream {stream!r}")
        path = self._run_folder.of(worker).live_output(stream)
        if path not in self._waiting:
            waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
            self._waiting[path] = waiting
            threading.Thread(target=_fill, args=(path, waiting), daemon=True).start()
        self._waiting[path].put(data)

    def close(self) -> None:
        """Nothing more comes: the pipes end with what is in them."""
        for waiting in self._waiting.values():
            waiting.put(b"")


def _fill(path: Path, waiting: queue.SimpleQueue[bytes]) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as pipe:  # nobody reads any more
        while data := waiting.get():
            pipe.write(data)
