"""Processes of a worker that are no longer its descendants or in its group: daemons that a check has made.

A copy of the worker has its journal mapped into its memory. Any other program has the worker's environment. Only Linux
shows both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import builtins, io, os

__builtins__ = builtins

_PROCESSES: Final = "/proc"


def worker_processes(*, worker: str, run: str, journal: Path) -> Iterator[int]:
    """Ids of all processes of this worker, it included, in the run that plugins know by the id `run`."""
    marks = {f"PYTEST_XDIST_WORKER={worker}".encode(), f"PYTEST_XDIST_TESTRUNUID={run}".encode()}
    mapped = f" {journal}\n".encode()
    for name in os.listdir(_PROCESSES) if os.path.isdir(_PROCESSES) else ():
        if name.isdigit():
            with suppress(OSError):  # it has ended, or it is another user's
                if marks <= set(_read(name, "environ").split(b"\0")) or mapped in _read(name, "maps"):
                    yield int(name)


def _read(process: str, file: str) -> bytes:
    with io.open(f"{_PROCESSES}/{process}/{file}", "rb") as opened:
        return opened.read()
