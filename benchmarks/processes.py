"""Whole processes, measured from outside: wall clock, CPU time, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

TIME_LIMIT = 900.0
"""Seconds after which a process counts as hung."""

_INHERITED_SETTINGS = ("PYTEST", "COV", "PYTHON", "MYPY", "RUFF")
_LOG_TAIL_LINES = 15
_SAMPLE_SECONDS = 0.02
_KIB = 1024


class RunFailed(Exception):
    """A run of which nothing can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Seconds of a process: wall clock, and CPU time with that of the children it waited for."""

    exit_code: int
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes, the most at one time. `workers`: every process that the started one has started, and theirs.

    Proportional set size: a page that several processes share counts for each of them in equal parts.
    """

    everything: int
    workers: int


def measure(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    variables: Mapping[str, str] | None = None,
    limit: float = TIME_LIMIT,
) -> Usage:
    """Run a command to its end. What it prints goes into the log. Raises RunFailed when it runs for `limit` seconds."""
    started = time.perf_counter()
    with _process(command, cwd, log, variables or {}, limit) as process:
        _, status, spent = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    return Usage(exit_code=process.returncode, wall=wall, cpu=spent.ru_utime + spent.ru_stime)


def measure_memory(
    command: Sequence[str], *, cwd: Path, log: Path, variables: Mapping[str, str] | None = None
) -> Memory:
    """Run a command to its end and look every few milliseconds how much memory its processes use (Linux only).

    Looking slows it down, so its time is not worth measuring. Raises RunFailed when it hangs.
    """
    everything = workers = 0
    with _process(command, cwd, log, variables or {}, TIME_LIMIT) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            below = sum(map(_proportional_set_size, _descendants(root)))
            workers = max(workers, below)
            everything = max(everything, below + _proportional_set_size(root.pid))
            time.sleep(_SAMPLE_SECONDS)
    return Memory(everything=everything, workers=workers)


def log_tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-_LOG_TAIL_LINES:])


@contextmanager
def _process(
    command: Sequence[str], cwd: Path, log: Path, variables: Mapping[str, str], seconds: float
) -> Iterator[subprocess.Popen[bytes]]:
    """A running process, killed with its children after the time limit or when it is left early."""
    environment = {**_neutral(os.environ), **variables}
    hung = threading.Event()

    def kill(process: subprocess.Popen[bytes]) -> None:
        hung.set()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        limit = threading.Timer(seconds, kill, [process])
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            if process.returncode is None:
                kill(process)
    if hung.is_set():
        raise RunFailed(f"still ran after {seconds:.0f} s; its output ended:\n{log_tail(log)}")


def _neutral(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what an outer pytest, coverage, tool or interpreter setting would pass on."""
    return {name: value for name, value in environment.items() if not name.startswith(_INHERITED_SETTINGS)}


def _descendants(root: psutil.Process) -> list[int]:
    try:
        return [process.pid for process in root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _proportional_set_size(pid: int) -> int:
    """Bytes; 0 for a process that has just ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * _KIB for line in rollup.splitlines() if line.startswith("Pss:"))
