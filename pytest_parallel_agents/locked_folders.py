"""Temporary folders that are removed even if the process that made them is killed.

A lock shows whether a folder is in use: the kernel releases it with the last process that has it open. That holds for
containers which share the folder as well, where the process ids of one mean nothing to the other.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import builtins, os, shutil
from pytest_parallel_agents.private_folders import is_private

__builtins__ = builtins

PREFIX: Final = "pytest-agents-"
_LOCK: Final = "lock"


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Shows that this new folder, whose name begins with `PREFIX`, is in use."""
    lock = os.path.join(folder, _LOCK)
    descriptor = os.open(f"{lock}.new", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _lock(descriptor)
        os.rename(f"{lock}.new", lock)  # another process that finds it finds it locked
        yield
    finally:
        os.close(descriptor)


def remove_dead(parent: str) -> None:
    """Removes those in this folder that no process uses any more."""
    for folder in _ours(parent):
        if is_private(Path(folder)):
            with suppress(OSError):  # it has no lock, so it is not ours, or its process has ended and removed it
                _remove_if_dead(folder)


def has_socket(folder: str) -> bool:
    """Whether a daemon may wait in it for the next run."""
    files = (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
    with suppress(OSError):  # a process that still runs may remove a file in between
        return any(stat.S_ISSOCK(os.lstat(file).st_mode) for file in files)
    return True


def _ours(parent: str) -> list[str]:
    with suppress(OSError):  # files can be made in it, but it cannot be read
        return [os.path.join(parent, name) for name in os.listdir(parent) if name.startswith(PREFIX)]
    return []


def _remove_if_dead(folder: str) -> None:
    descriptor = os.open(os.path.join(folder, _LOCK), os.O_RDWR)
    try:
        if _lock(descriptor) and not has_socket(folder):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Takes the lock. Returns whether no other process had it."""
    if sys.platform == "win32":  # a folder in use cannot be removed there, and others need no lock
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
