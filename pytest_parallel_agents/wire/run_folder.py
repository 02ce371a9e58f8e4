"""The folder of one run: what its controller and its workers leave for each other.

A run that is killed cannot remove its folder, so the next one does. A lock tells the living from the dead: the kernel
lets go of it with the last process of the run, and that holds for containers which share the folder as well, where the
process ids of one mean nothing to the other.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.private_folders import is_private

_PREFIX: Final = "pytest-agents-"
_LOCK: Final = "lock"


@contextmanager
def made_run_folder() -> Iterator[Path]:
    """A new folder that only this user can enter, and that is gone afterwards. Those of killed runs go first."""
    _remove_dead()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with _locked(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # without a descriptor to be had, only an empty one can be removed
            folder.rmdir()


def is_first_to_say(folder: Path, text: str) -> bool:
    """Whether no other process of the run has said this yet."""
    name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        (folder / f"said-{name}").touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:  # better twice than not at all
        return True
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    unready = folder / f"{_LOCK}.new"
    descriptor = os.open(unready, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _lock(descriptor)
        unready.rename(folder / _LOCK)  # another run that finds it finds it locked
        yield
    finally:
        os.close(descriptor)


def _remove_dead() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if is_private(folder):
            with suppress(OSError):  # it has no lock, so it is no run's, or the run has ended and removed it
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    descriptor = os.open(folder / _LOCK, os.O_RDWR)
    try:
        if _lock(descriptor):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether nobody else had the lock."""
    if sys.platform == "win32":  # what is in use cannot be removed there, and nothing can be said of what is not
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
