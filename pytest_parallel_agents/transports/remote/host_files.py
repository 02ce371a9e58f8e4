"""The files of a worker on a host, which the controller reads as if the worker were beside it.

The host looks at them several times a second and sends what has changed. The controller writes that into files of the
same names in its own folder of the run. Of a long file only both ends cross, which is what people are shown of it; in
the copy there is a hole between them.
"""

from __future__ import annotations

import contextlib
import struct
import threading
from collections.abc import Callable, Container
from pathlib import Path
from typing import IO, Final

from pytest_parallel_agents.excerpts import END, MOST
from pytest_parallel_agents.transports.remote.host_messages import FileContent
from pytest_parallel_agents.wire.run_folder import RunFolder, WorkerFiles

_JOURNAL_HEAD: Final = struct.Struct("<QQ")
_GROWING: Final = "setups"
"""Is only ever appended to."""


class ChangedFiles:
    """The host's side, for one worker. Safe to use from any thread."""

    def __init__(self, files: WorkerFiles, send: Callable[[FileContent], None]) -> None:
        self._worker = files.worker
        self._files = files.carried
        self._send = send
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._journal = b""
        self._lock = threading.Lock()

    def send(self) -> None:
        """Sends what has changed since the last time."""
        with self._lock:
            for name, path in self._files.items():
                with contextlib.suppress(OSError):  # there is none yet
                    self._send_journal(name, path) if name == "journal" else self._send_file(name, path)

    def _send_journal(self, name: str, path: Path) -> None:
        """It is mapped into the worker's memory, so that its times say nothing."""
        with path.open("rb") as file:
            head = file.read(_JOURNAL_HEAD.size)
            length = _JOURNAL_HEAD.unpack(head)[1] if len(head) == _JOURNAL_HEAD.size else 0
            data = head + file.read(length)
        if data != self._journal:
            self._journal = data
            self._send(FileContent(self._worker, name, len(data), {0: data}))

    def _send_file(self, name: str, path: Path) -> None:
        status = path.stat()
        known = self._seen.get(name)
        found = status.st_ino, status.st_size, status.st_mtime_ns
        if found == known:
            return
        self._seen[name] = found
        begin = known[1] if name == _GROWING and known is not None else 0
        with path.open("rb") as file:
            parts = {start: _read(file, start, length) for start, length in _ends(begin, status.st_size)}
        self._send(FileContent(self._worker, name, status.st_size, parts))


class BroughtFiles:
    """The controller's side: writes what comes from a host, under the names that workers' files have and no other."""

    def __init__(self, run_folder: RunFolder) -> None:
        self._run_folder = run_folder

    def write(self, content: FileContent, workers: Container[str]) -> None:
        """Raises ValueError for a file that is of none of these workers."""
        path = self._run_folder.of(content.worker).carried.get(content.name)
        if path is None or content.worker not in workers:
            raise ValueError(f"a file {content.name!r} of {content.worker!r}")
        with path.open("r+b" if path.exists() else "xb") as file:
            for start, data in content.parts.items():
                file.seek(start)
                file.write(data)
            file.truncate(content.size)


def _ends(begin: int, size: int) -> list[tuple[int, int]]:
    """Where to read what is new, and how many bytes: of much only both ends."""
    if size - begin <= MOST:
        return [(begin, size - begin)]
    return [(begin, END), (size - END, END)]


def _read(file: IO[bytes], start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)
