"""Turns the pytest session of a fresh interpreter into a worker: it collects all that the controller has collected."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_parallel_agents.agents.baseline import Baseline, set_baseline
from pytest_parallel_agents.collection.checks import drop_unmarked
from pytest_parallel_agents.compat.cache_copy import CopiedCache
from pytest_parallel_agents.compat.distribution import read_as_worker
from pytest_parallel_agents.compat.fresh_coverage import keep_measured, own_data_file
from pytest_parallel_agents.options import HOST, OPTIONS, Unmarked
from pytest_parallel_agents.runtest.capture import start_errors
from pytest_parallel_agents.runtest.gc_pause import gc_paused
from pytest_parallel_agents.runtest.stacks import stacks_in
from pytest_parallel_agents.wire import junit_records, messages, packing
from pytest_parallel_agents.wire.journal import Journal
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.worker.items import CollectedItems
from pytest_parallel_agents.worker.loop import Worker
from pytest_parallel_agents.worker.outbox import Outbox
from pytest_parallel_agents.worker.own_files import look_for_detached, write_to_own_files
from pytest_parallel_agents.worker.own_traces import leave_no_trace, note_connections
from pytest_parallel_agents.worker.session_end import publish_end, unseen_output


class Settings(msgspec.Struct, frozen=True):
    """The settings with which a spawned worker starts.

    `argv` and `variables` become its `sys.argv` and its environment, `arguments` are those of pytest, whose program
    name is `program`. `nodeids` are those that the controller has collected, in its order, and `collection_failures` is
    how many collectors failed there. `aside`: checks run once more, and the run's files are not begun again.
    `host` is the name of its machine if that is not the controller's.
    """

    worker: str
    run_folder: str
    workerinput: bytes
    program: str | None
    argv: tuple[str, ...]
    arguments: tuple[str, ...]
    variables: dict[str, str | None]
    base_temp: str | None
    nodeids: tuple[str, ...]
    collection_failures: int
    baseline: Baseline
    aside: bool = False
    host: str = ""


class SpawnedWorker:
    """The pytest plugin that turns a session into a worker."""

    def __init__(self, channel: Any, settings: Settings, workerinput: dict[str, Any]) -> None:
        self._channel = channel
        self._run_folder = RunFolder(Path(settings.run_folder))
        self._files = self._run_folder.of(settings.worker)
        self._outbox = Outbox(channel, Journal(self._files.journal))
        self._settings = settings
        self._workerinput = workerinput
        self._config: pytest.Config | None = None
        self._internal_error = ""
        self._late_errors = ""
        self.has_served = False
        self._failures: dict[str, str] = {}
        self._end = contextlib.ExitStack()
        self._cache = CopiedCache(self._run_folder.cache)

    def fail(self, reason: str) -> None:
        """Reports that the session broke, with its standard error."""
        parts = [reason, self._internal_error, self._take_errors()]
        self._outbox.send(messages.Halted("\n".join(filter(None, parts)), internal=True))
        self._outbox.flush()

    def failed(self, reason: str) -> None:
        """Reports an error of the session: why there is none, or one after its last check."""
        if self.has_served:
            self._late_errors = reason
        else:
            self.fail(reason)

    def close(self) -> None:
        """Sends the last message, if there was a session to run checks in."""
        self._end.close()
        if self.has_served:
            output = packing.pack(self._config.workeroutput)  # type: ignore[union-attr]
            self._outbox.send(messages.Closed(output, self._late_errors))
            self._outbox.flush()

    def _take_errors(self) -> str:
        """Removes and returns the standard error outside of tests. The controller shows what is left there."""
        with contextlib.suppress(AttributeError, OSError, ValueError):  # a test may have closed or replaced it
            sys.stderr.flush()
        text = start_errors(self._files.errors)
        with contextlib.suppress(OSError):
            os.truncate(self._files.errors, 0)
        return text

    @pytest.hookimpl(wrapper=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> Generator[None]:
        early_config.workerinput = self._workerinput  # type: ignore[attr-defined]
        early_config.workeroutput = {}  # type: ignore[attr-defined]
        self._config = early_config
        keep_measured(early_config)
        self._cache.begin()
        yield

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, object, object]:
        read_as_worker(config)
        config.option.basetemp = self._settings.base_temp
        config.option.cacheclear = False  # the cache has been cleared before
        if self._settings.aside:
            config.option.log_file = os.devnull
        parser: Any = config._parser  # noqa: SLF001
        parser.prog = self._settings.program
        if self._settings.host:
            config.stash[HOST] = self._settings.host
        set_baseline(config, self._settings.baseline)
        return (yield)

    @pytest.hookimpl
    def pytest_internalerror(self, excrepr: object) -> None:
        self._internal_error = str(excrepr)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        junit_records.provide(config)
        _silence_terminal(config)
        note_connections(config)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None]:
        with own_data_file(self._workerinput, self._files.coverage):
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Collects everything. The controller has decided on failures: here they only make checks errors."""
        options = session.config.option
        maxfail, options.maxfail = options.maxfail, 0
        try:
            with gc_paused():
                return (yield)
        finally:
            self._cache.end()
            options.maxfail = maxfail
            session.testsfailed = self._settings.collection_failures

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failures[report.nodeid] = report.longreprtext

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        publish_end(session, exitstatus)

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        junit_records.withdraw(config)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
        yield  # plugins may add marks
        if config.stash[OPTIONS].unmarked is Unmarked.SKIP:
            drop_unmarked(config, items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._take_errors()  # errors of the start: the controller has shown its own
        write_to_own_files(session.config, self._files)
        look_for_detached(session.config, self._files, self._workerinput["testrunuid"])
        # not before: pytest itself has enabled faulthandler meanwhile
        with stacks_in(self._files.stacks, self._files.timed_stacks) as stacks:
            items = CollectedItems(session.items, self._settings.nodeids, self._failures)
            items.compare(self._settings.worker, self._run_folder.parameters)
            worker = Worker(session, self._channel, self._outbox, items, stacks, leave_no_trace=leave_no_trace)
            self.has_served = True
            worker.run()
        self._end.enter_context(unseen_output())  # under `-s` it would be shown
        return True


def _silence_terminal(config: pytest.Config) -> None:
    """Silences the terminal: only the controller's is shown."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:
        terminal._tw._file = nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115, SLF001
        config.add_cleanup(nowhere.close)
