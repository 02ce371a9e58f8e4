"""Processes of a worker that are neither its descendants nor in its group any more: daemons that a check has made.

A copy of the worker has its journal mapped into its memory. Any other program has the worker's environment. Only Linux
tells of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROCESSES: Final = Path("/proc")


def strays(*, worker: str, run: str, journal: Path) -> Iterator[int]:
    """Ids of all processes of this worker, it included, in the run that plugins know by the id `run`."""
    marks = {f"PYTEST_XDIST_WORKER={worker}".encode(), f"PYTEST_XDIST_TESTRUNUID={run}".encode()}
    mapped = f" {journal}\n".encode()
    for folder in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or it is another user's
            if marks <= set((folder / "environ").read_bytes().split(b"\0")) or mapped in (folder / "maps").read_bytes():
                yield int(folder.name)
