"""Folders for the temporary files of commands."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_parallel_agents.early_bound import os, shutil, tempfile


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for temporary files. It is kept with a socket in it, at which a daemon waits for the next run."""
    folder = tempfile.mkdtemp(prefix="agent-")
    try:
        yield Path(folder)
    finally:
        if not _has_socket(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _has_socket(folder: str) -> bool:
    files = (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
    with suppress(OSError):  # a process that still runs may remove a file in between
        return any(stat.S_ISSOCK(os.lstat(file).st_mode) for file in files)
    return True
