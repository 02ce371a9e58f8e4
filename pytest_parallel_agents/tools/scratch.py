"""Folders for the temporary files of commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_parallel_agents.early_bound import shutil, tempfile
from pytest_parallel_agents.locked_folders import PREFIX, has_socket, locked


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for temporary files. It is kept with a socket in it, at which a daemon waits for the next run.

    Where this process is killed the end of a run removes it.
    """
    folder = tempfile.mkdtemp(prefix=PREFIX)
    try:
        with locked(folder):
            yield Path(folder)
    finally:
        if not has_socket(folder):
            shutil.rmtree(folder, ignore_errors=True)
