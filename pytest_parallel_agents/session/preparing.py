"""What a fork does that compiles ahead of the process that collects."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import signal
import sys
from contextlib import suppress
from typing import Final

import pytest

from pytest_parallel_agents.collection.expected_files import Selection
from pytest_parallel_agents.compat.prepared_code import PreparedCode
from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.session.expected_imports import expected_imports
from pytest_parallel_agents.session.turns import Turns

_NICENESS: Final = 5
"""The collection goes before, and so do commands."""
_PARENT_DEATH_SIGNAL: Final = 1
"""Of prctl(2): the signal that this process gets when its parent ends."""
_LOADED: Final = (".pyc", ".so")
_TESTS: Final = frozenset({"test", "tests"})
_BLOCK: Final = 1 << 16


def prepare(config: pytest.Config, selection: Selection, code: PreparedCode, reports: int) -> None:
    """Prepares code, in a process that is a fork and ends with this.

    `reports` is where the other process writes which sources it has reached. Its end ends this one.
    """
    _become_quiet()
    search_path = [str(folder) for folder in config.getini("pythonpath")]
    expected = expected_imports(selection, search_path)
    for folder in expected.packages:
        read_ahead(folder)
    reached = _Reached(reports)
    indices = {module.path: index for index, module in enumerate(expected.modules)}
    turns = Turns([_size(module.path) for module in expected.modules])
    while not reached.has_ended():
        for path in reached.news():
            if path in indices:
                turns.reached(indices[path])
        turn = turns.next()
        if turn is None:
            return
        name, path = expected.modules[turn]
        code.prepare(name, path, is_given=path in selection.paths)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def read_ahead(folder: str) -> list[str]:
    """Has the system read what an import of this package may load, if the files are not in memory. Returns them."""
    read = []
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _TESTS]
        read += [os.path.join(path, name) for name in names if name.endswith(_LOADED)]
    for file in read:
        with suppress(OSError), open(file, "rb") as opened:  # noqa: PTH123 - hundreds of files
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
    return read


def _become_quiet() -> None:
    """Lets go of what this process has inherited: nothing of it is seen, and no plugin follows it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    faulthandler.disable()
    sys.settrace(None)
    sys.setprofile(None)
    if sys.version_info >= (3, 12):
        for tool in range(6):
            if sys.monitoring.get_tool(tool):
                sys.monitoring.set_events(tool, 0)
    with suppress(OSError, AttributeError):  # at once, whatever it compiles then: it holds the standard output
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    gc.disable()  # nothing here has circles, and there is a big heap to search
    os.nice(_NICENESS)


class _Reached:
    """The sources that the other process has reached, as it reports them."""

    def __init__(self, reports: int) -> None:
        self._reports = reports
        self._unread = b""

    def has_ended(self) -> bool:
        """Reads all that there is. Returns whether the other process has gone."""
        with suppress(BlockingIOError):
            while block := os.read(self._reports, _BLOCK):
                self._unread += block
            return True
        return False

    def news(self) -> list[str]:
        """The paths that were reported since the last call."""
        *complete, self._unread = self._unread.split(b"\0")
        return [os.fsdecode(path) for path in complete]
