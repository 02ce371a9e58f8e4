"""A worker in a fresh interpreter: it has its own pytest session, and collects all that the controller collected."""

from __future__ import annotations

import os
import traceback
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_parallel_agents.agents.baseline import Baseline, set_baseline
from pytest_parallel_agents.collection.checks import drop_unmarked
from pytest_parallel_agents.options import OPTIONS, Unmarked
from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.workers import gateways, messages, wire
from pytest_parallel_agents.workers.captured import own_capture
from pytest_parallel_agents.workers.contract import export_identity
from pytest_parallel_agents.workers.garbage import kept
from pytest_parallel_agents.workers.headroom import with_headroom
from pytest_parallel_agents.workers.items import CollectedItems
from pytest_parallel_agents.workers.journal import Journal
from pytest_parallel_agents.workers.live import is_live, show_live
from pytest_parallel_agents.workers.outbox import Outbox
from pytest_parallel_agents.workers.processes import own_group
from pytest_parallel_agents.workers.stacks import stacks_in
from pytest_parallel_agents.workers.worker import Worker


class Settings(msgspec.Struct, frozen=True):
    """What a spawned worker starts from.

    `nodeids` are what the controller has collected, in its order, and `collection_failures` how many collectors failed
    there.
    """

    workerinput: bytes
    arguments: tuple[str, ...]
    base_temp: str | None
    stacks: str
    journal: str
    nodeids: tuple[str, ...]
    collection_failures: int
    baseline: Baseline


def main(channel: Any) -> None:
    """Run a pytest session that takes its checks from `channel`. Called through execnet in a fresh interpreter."""
    own_group()
    gateways.bind_early(channel)
    settings = msgspec.msgpack.decode(channel.receive(), type=Settings)
    workerinput: Any = wire.unpack(settings.workerinput)
    export_identity(workerinput)
    worker = SpawnedWorker(channel, settings, workerinput)
    try:
        code = pytest.main(list(settings.arguments), plugins=[worker])
    except Exception:  # noqa: BLE001 - a conftest or a plugin may raise anything
        worker.give_up(traceback.format_exc())
    else:
        worker.give_up(f"pytest ended with exit code {int(code)} in the worker before it ran a check")


class SpawnedWorker:
    """The pytest plugin that turns a session into a worker."""

    def __init__(self, channel: Any, settings: Settings, workerinput: dict[str, Any]) -> None:
        self._channel = channel
        self._outbox = Outbox(channel, Journal(Path(settings.journal)))
        self._settings = settings
        self._workerinput = workerinput
        self._served = False
        self._failures: dict[str, str] = {}

    def give_up(self, reason: str) -> None:
        """Tell why there was no session to run checks in, if there was none."""
        if not self._served:
            self._outbox.say(messages.Halted(reason, internal=True))
            self._outbox.flush()

    @pytest.hookimpl(wrapper=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> Generator[None]:
        early_config.workerinput = self._workerinput  # type: ignore[attr-defined]
        early_config.workeroutput = {}  # type: ignore[attr-defined]
        yield

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, object, object]:
        config.option.basetemp = self._settings.base_temp
        config.option.usepdb = False
        set_baseline(config, self._settings.baseline)
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        if is_live(config):
            _silence_terminal(config)
        show_live(config, Path(self._settings.stacks).parent, self._workerinput["workerid"])

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Collect everything. The controller has decided what failures mean: here they only make checks errors."""
        options = session.config.option
        maxfail, options.maxfail = options.maxfail, 0
        try:
            with kept():
                return (yield)
        finally:
            options.maxfail = maxfail
            session.testsfailed = self._settings.collection_failures

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failures[report.nodeid] = report.longreprtext

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if config.stash[OPTIONS].unmarked is Unmarked.SKIP:
            drop_unmarked(config, items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._served = True
        run_folder, name = Path(self._settings.stacks).parent, self._workerinput["workerid"]
        own_capture(session.config, run_folder, name)
        note_setups(session.config, run_folder, name)
        with stacks_in(Path(self._settings.stacks)) as stacks:  # not before: pytest itself has asked for them meanwhile
            items = CollectedItems(session.items, self._settings.nodeids, self._failures)
            with_headroom(Worker(session, self._channel, self._outbox, items, stacks).run)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        yield
        self._outbox.say(messages.Closed(wire.pack(session.config.workeroutput)))  # type: ignore[attr-defined]
        self._outbox.flush()


def _silence_terminal(config: pytest.Config) -> None:
    """The controller's terminal alone is to be seen."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:
        terminal._tw._file = Path(os.devnull).open("w")  # noqa: SIM115, SLF001
