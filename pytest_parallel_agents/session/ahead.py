"""While this process collects, a fork of it compiles what is going to be imported.

The fork was made before any conftest was loaded. It imports no module. This process reports each source that it
reaches, so that the fork keeps ahead of it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import pytest

from pytest_parallel_agents.collection.expected_files import Selection, expected_files
from pytest_parallel_agents.compat.early_selection import early_selection
from pytest_parallel_agents.compat.prepared_code import PreparedCode, has_rewritten_code
from pytest_parallel_agents.machine import forks_safely, usable_cpus
from pytest_parallel_agents.wire.run_folder import made_run_folder

NAME: Final = "parallel-agents-ahead"
COLD_BYTES: Final = 8_000
"""Source of test modules to compile that takes as long as the fork costs, several times over."""
LOOKED_AT: Final = 50
"""How many test modules are looked at. When their byte code is there, so is that of the others as a rule."""


def work_ahead(config: pytest.Config) -> None:
    """Begins, where there is a CPU to spare and something to compile. Ends with the collection."""
    # No process, descriptor or space is left, or a part of pytest is switched off (`-p no:python`), whose settings are
    # then not there: everything is compiled where it is imported.
    with suppress(OSError, ValueError):
        if not _may_fork(config):
            return
        selection = early_selection(config)
        if _is_cold(selection):
            Ahead(config, selection).begin()


def _may_fork(config: pytest.Config) -> bool:
    """Whether a fork has a CPU of its own, and may be made: a process with threads may hold locks."""
    workers = getattr(config.known_args_namespace, "numprocesses", None)
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if workers == 0 or is_worker or not forks_safely() or usable_cpus() == 1:
        return False
    return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208


def _is_cold(selection: Selection) -> bool:
    """Whether pytest has no byte code of enough test modules. Each costs a look for a file."""
    cold = 0
    for number, path in enumerate(expected_files(selection)):
        if not has_rewritten_code(path):
            with suppress(OSError):
                cold += Path(path).stat().st_size
        if cold >= COLD_BYTES or number >= LOOKED_AT:
            break
    return cold >= COLD_BYTES


class Ahead:
    """The plugin that ends the fork when everything is collected. `code` is what the fork prepares."""

    def __init__(self, config: pytest.Config, selection: Selection) -> None:
        self._config = config
        self._selection = selection
        self._end = ExitStack()
        self._pid = 0

    def begin(self) -> None:
        """Forks. Raises OSError where that is impossible."""
        self._config.add_cleanup(self.end)
        folder = self._end.enter_context(made_run_folder())
        reports, self._reports = os.pipe()
        for descriptor in (reports, self._reports):
            self._end.callback(os.close, descriptor)
            os.set_blocking(descriptor, False)
        self.code = PreparedCode(self._config, folder.path, self._report_reached)
        self._pid = os.fork()
        if not self._pid:
            self._work(reports)
        self._end.callback(self._kill)
        self._end.callback(self.code.uninstall)
        self.code.install()
        self._config.pluginmanager.register(self, NAME)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        try:
            return (yield)
        finally:
            self.end()
            self._config.pluginmanager.unregister(self)

    def end(self) -> None:
        """Ends the fork, and restores everything."""
        self._end.close()

    def _work(self, reports: int) -> None:
        """The part of the fork, which never returns: it runs nothing that this process has prepared for its end."""
        try:
            from pytest_parallel_agents.session.preparing import prepare

            os.close(self._reports)
            prepare(self._config, self._selection, self.code, reports)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)

    def _report_reached(self, path: str) -> None:
        with suppress(OSError):  # the pipe is full, as nobody reads any more
            os.write(self._reports, os.fsencode(path) + b"\0")

    def _kill(self) -> None:
        with suppress(ChildProcessError):  # somebody else has waited for it
            ended, _ = os.waitpid(self._pid, os.WNOHANG)
            if not ended:
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
