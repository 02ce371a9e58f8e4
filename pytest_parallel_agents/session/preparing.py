"""What a fork does that compiles ahead: modules from the back, until it meets the process that collects."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
from contextlib import suppress
from typing import Final, NoReturn

import pytest

from pytest_parallel_agents.collection.test_files import Selection
from pytest_parallel_agents.compat.prepared_code import PreparedCode
from pytest_parallel_agents.session.expected_imports import expected_imports

_NICENESS: Final = 5
"""The collection goes before, and so do commands."""
_BLOCK: Final = 1 << 16


def prepare(config: pytest.Config, selection: Selection, code: PreparedCode, reports: int) -> NoReturn:
    """Prepares code and ends this process, which is a fork, without running anything else.

    `reports` is where the other process writes which sources it has begun to compile. Its end ends this one.
    """
    with suppress(BaseException):
        _become_quiet()
        begun = _Begun(reports)
        search_path = [str(folder) for folder in config.getini("pythonpath")]
        for module in reversed(list(expected_imports(selection, search_path))):
            if begun.has_ended():
                break
            if module.path not in begun.paths:
                code.prepare(module.name, module.path, is_given=module.path in selection.paths)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")


def _become_quiet() -> None:
    """Lets go of what this process has inherited: nothing of it is seen, and no plugin follows it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    faulthandler.disable()
    sys.settrace(None)
    sys.setprofile(None)
    gc.disable()  # nothing here has circles, and there is a big heap to search
    os.nice(_NICENESS)


class _Begun:
    """The sources that the other process has begun to compile, as far as it has been read."""

    def __init__(self, reports: int) -> None:
        self.paths: set[str] = set()
        self._reports = reports
        self._part = b""

    def has_ended(self) -> bool:
        """Reads all that there is. Returns whether the other process has gone."""
        with suppress(BlockingIOError):
            while block := os.read(self._reports, _BLOCK):
                *complete, self._part = (self._part + block).split(b"\0")
                self.paths.update(map(os.fsdecode, complete))
            return True
        return False
