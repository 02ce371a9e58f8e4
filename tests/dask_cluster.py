"""A scheduler of Dask and its workers: real processes on this machine, for tests."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

START_SECONDS = 60.0

DASK = (sys.executable, "-m", "dask")


class DaskProcess:
    """One of them; `address` is where it can be reached."""

    def __init__(self, command: Sequence[str], *, ready: str, folder: Path) -> None:
        self.lines: list[str] = []
        self.address = ""
        self._ready = re.compile(ready)
        self._is_ready = threading.Event()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._is_ready.wait(START_SECONDS) or not self.address:
            self.end()
            raise RuntimeError(f"{' '.join(command)} did not start:\n{''.join(self.lines)}")

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
    """`tls` are further options for TLS, the same for all of its processes; `dask` is the command of the scheduler."""

    def __init__(self, folder: Path, tls: Sequence[str] = (), dask: Sequence[str] = DASK) -> None:
        self._folder = folder
        self._tls = tls
        self._processes: list[DaskProcess] = []
        scheme = "tls" if tls else "tcp"
        where = ("--host", f"{scheme}://127.0.0.1:0", "--no-dashboard")
        self.scheduler = self._start([*dask, "scheduler", *where], ready=r"Scheduler at:\s+(\S+)")

    @property
    def address(self) -> str:
        return self.scheduler.address

    def add_worker(self, *options: str, threads: int = 1, dask: Sequence[str] = DASK) -> DaskProcess:
        """A further worker that the scheduler knows."""
        common = ["--nthreads", str(threads), "--no-dashboard", "--local-directory", str(self._folder), *options]
        command = [*dask, "worker", self.address, "--host", "127.0.0.1", *common]
        worker = self._start(command, ready=r"Registered to:\s+(\S+)")
        started = re.search(r"Start worker at:\s+(\S+)", "".join(worker.lines))
        worker.address = started.group(1) if started is not None else ""
        return worker

    def close(self) -> None:
        for process in reversed(self._processes):
            process.end()

    def _start(self, command: Sequence[str], *, ready: str) -> DaskProcess:
        process = DaskProcess([*command, *self._tls], ready=ready, folder=self._folder)
        self._processes.append(process)
        return process


def dask_without_package(folder: Path) -> Sequence[str]:
    """The command of a Dask whose Python has the same packages, apart from this one."""
    folder.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "parallel_agents" not in path.name:
            (folder / path.name).symlink_to(path)
    return ["env", f"PYTHONPATH={folder}", sys.executable, "-S", "-m", "dask"]


@contextlib.contextmanager
def dask_cluster(folder: Path, tls: Sequence[str] = (), dask: Sequence[str] = DASK) -> Iterator[DaskCluster]:
    """A scheduler without workers, which ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder, tls, dask)
    try:
        yield cluster
    finally:
        cluster.close()
