"""A scheduler of Dask and its workers: real processes on this machine, for tests."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

START_SECONDS = 60.0


class DaskProcess:
    """One of them; `address` is where it can be reached."""

    def __init__(self, arguments: Sequence[str], *, ready: str, folder: Path) -> None:
        self.lines: list[str] = []
        self.address = ""
        self._ready = re.compile(ready)
        self._is_ready = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._is_ready.wait(START_SECONDS) or not self.address:
            self.end()
            raise RuntimeError(f"dask {' '.join(arguments)} did not start:\n{''.join(self.lines)}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """Kills it and a nanny's worker, which cannot do anything before they end."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        self.kill()
        self._reader.join()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _read(self) -> None:
        for line in self._process.stderr or ():
            self.lines.append(line)
            if found := self._ready.search(line):
                self.address = found.group(1)
                self._is_ready.set()
        self._is_ready.set()


class DaskCluster:
    """`tls` are further options for TLS, the same for all of its processes."""

    def __init__(self, folder: Path, tls: Sequence[str] = ()) -> None:
        self._folder = folder
        self._tls = tls
        self._processes: list[DaskProcess] = []
        scheme = "tls" if tls else "tcp"
        self.scheduler = self._start(
            "scheduler", "--host", f"{scheme}://127.0.0.1:0", "--no-dashboard", ready=r"Scheduler at:\s+(\S+)"
        )

    @property
    def address(self) -> str:
        return self.scheduler.address

    def add_worker(self, *options: str, threads: int = 1) -> DaskProcess:
        """A further worker that the scheduler knows."""
        common = ["--nthreads", str(threads), "--no-dashboard", "--local-directory", str(self._folder), *options]
        worker = self._start("worker", self.address, "--host", "127.0.0.1", *common, ready=r"Registered to:\s+(\S+)")
        started = re.search(r"Start worker at:\s+(\S+)", "".join(worker.lines))
        worker.address = started.group(1) if started is not None else ""
        return worker

    def close(self) -> None:
        for process in reversed(self._processes):
            process.end()

    def _start(self, command: str, *arguments: str, ready: str) -> DaskProcess:
        process = DaskProcess([command, *arguments, *self._tls], ready=ready, folder=self._folder)
        self._processes.append(process)
        return process


@contextlib.contextmanager
def dask_cluster(folder: Path, tls: Sequence[str] = ()) -> Iterator[DaskCluster]:
    """A scheduler without workers, which ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder, tls)
    try:
        yield cluster
    finally:
        cluster.close()
