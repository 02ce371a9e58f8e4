"""Live output, under `-s`: what a worker prints goes through pipes to the controller, which puts the name of the check
before each line.

The pipes have names, in the run's folder, so that what a worker printed last is still read when it has died. Windows
has no such pipes; there the lines appear as they are.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from pytest_parallel_agents.early_bound import builtins, io, os, queue, threading
from pytest_parallel_agents.wire.run_folder import RunFolder, WorkerFiles

__builtins__ = builtins

_CHUNK: Final = 1 << 16
_WAITING: Final = 256  # chunks: a worker that prints faster than they are shown has to wait, as at any terminal
_LONGEST_NAME: Final = 1000  # so that a mark is written in one piece
_MARK: Final = re.compile(rb"\x1echeck ([^\n]*?)\x1f")
_STREAMS: Final = {"stdout": 1, "stderr": 2}


class Line(NamedTuple):
    """A line, without its end, that was printed to `stream` while `source`, a check or between checks a worker, ran."""

    source: str
    stream: str
    text: str


def is_live(config: pytest.Config) -> bool:
    """Whether output is shown live."""
    return config.getoption("capture", "no") in ("no", "tee-sys")


def has_pipes() -> bool:
    """Whether workers can send it to the controller; otherwise they write to its standard error."""
    return hasattr(os, "mkfifo")


def show_live(config: pytest.Config, own: WorkerFiles) -> None:
    """In a worker: sends output through the pipes. Without any it goes to the standard error: execnet uses the real
    standard output.
    """
    if not is_live(config):
        return
    for stream, descriptor in _STREAMS.items():
        try:
            pipe = os.open(own.live_output(stream), os.O_WRONLY)
        except OSError:
            os.dup2(sys.__stderr__.fileno() if sys.__stderr__ else 2, descriptor)
        else:
            os.dup2(pipe, descriptor)
            os.close(pipe)
    for file in _files():
        with contextlib.suppress(AttributeError):
            file.reconfigure(line_buffering=True)
    config.pluginmanager.register(_Marks())


class _Marks:
    """Marks in the streams where the output of a check begins and ends."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        _mark(nodeid.replace("\n", " ").encode(errors="replace")[:_LONGEST_NAME])

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        _mark(b"")


class LiveOutput:
    """The controller's end of the pipes: threads that read, and `show`, called for each line."""

    def __init__(
        self, config: pytest.Config, run_folder: RunFolder, *, wake: Callable[[], None], show: Callable[[Line], None]
    ) -> None:
        self._run_folder = run_folder
        self._wake = wake
        self._show = show
        self._is_live = is_live(config) and has_pipes()
        self._lines: queue.Queue[list[Line]] = queue.Queue(_WAITING)
        self._readers: dict[Path, threading.Thread] = {}
        self._ends: dict[Path, bytes] = {}

    def expect(self, workers: Iterable[str], *, here: bool = True) -> None:
        """Makes pipes for these workers, which are about to start, on this machine if `here`."""
        if not self._is_live:
            return
        for worker in workers:
            for stream in _STREAMS:
                path = self._run_folder.of(worker).live_output(stream)
                os.mkfifo(path)
                end = b"\x1eend " + os.urandom(16).hex().encode() + b"\x1f"  # nobody else can print it
                self._ends[path] = end if here else b""
                reader = threading.Thread(target=self._read, args=(path, _Lines(worker, stream, end)), daemon=True)
                self._readers[path] = reader
                reader.start()

    def ignore(self, workers: Iterable[str]) -> None:
        """Sends the output of these workers to files that are not read."""
        if self._is_live:
            for worker in workers:
                for stream in _STREAMS:
                    io.open(self._run_folder.of(worker).live_output(stream), "ab").close()

    def show_arrived(self) -> None:
        """Shows the lines that have arrived."""
        with contextlib.suppress(queue.Empty):
            while True:
                for line in self._lines.get_nowait():
                    self._show(line)

    def close(self) -> None:
        """Shows the rest. The workers have ended; what a check has left behind may still hold a pipe here open."""
        for path, reader in self._readers.items():
            while reader.is_alive():
                _write_at_once(path, self._ends[path])
                self.show_arrived()
                reader.join(0.01)
        self.show_arrived()

    def _read(self, path: Path, lines: _Lines) -> None:
        with io.open(path, "rb", buffering=0) as pipe:
            while not lines.are_over and (data := pipe.read(_CHUNK)):
                self._put(lines.add(data))
        self._put(lines.rest())

    def _put(self, lines: Iterable[Line]) -> None:
        if batch := list(lines):
            self._lines.put(batch)
            self._wake()


class _Lines:
    """Splits a stream into lines and records their source. An unfinished line waits for its end or for the next
    check. With `end` they `are_over`.
    """

    def __init__(self, worker: str, stream: str, end: bytes) -> None:
        self._worker = self._source = worker
        self._stream = stream
        self._end = end
        self._rest = b""
        self.are_over = False

    def add(self, data: bytes) -> Iterator[Line]:
        """The lines that are whole now."""
        text, end, _ = (self._rest + data).partition(self._end)
        self.are_over, begin = bool(end), 0
        for mark in _MARK.finditer(text):
            self._rest = text[begin : mark.start()]
            yield from self.rest()
            self._source, begin = mark[1].decode(errors="replace") or self._worker, mark.end()
        *lines, self._rest = text[begin:].split(b"\n")
        yield from map(self._line, lines)

    def rest(self) -> Iterator[Line]:
        """The unfinished line at the end."""
        *lines, last = self._rest.split(b"\n")
        yield from map(self._line, [*lines, last] if last else lines)
        self._rest = b""

    def _line(self, text: bytes) -> Line:
        return Line(self._source, self._stream, text.decode(errors="replace"))


def _write_at_once(path: Path, data: bytes) -> None:
    """Writes this into a pipe, if it can take it, and at least opens it: its reader may wait for that."""
    with contextlib.suppress(OSError):  # nobody has opened it to read yet, or any more; or it is full
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(pipe, data)
        finally:
            os.close(pipe)


def _files() -> list[Any]:
    """The files that buffer output. Replacements by a test are its own."""
    streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    return [stream for stream in streams if isinstance(stream, io.TextIOWrapper)]


def _mark(name: bytes) -> None:
    for file in _files():
        with contextlib.suppress(OSError, ValueError):  # closed, or no longer read
            file.flush()
    for descriptor in _STREAMS.values():
        with contextlib.suppress(OSError):
            os.write(descriptor, b"\x1echeck " + name + b"\x1f")
