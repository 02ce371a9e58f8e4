"""Turns a forked copy of the controller into a worker, as xdist's plugins know one.

The copy has inherited the collected items and a configuration whose plugins took the controller's branch. Nothing of
the controller's may stay shared by accident: captured output, temporary folders, random state, and the hooks that write
reports.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

from pytest_parallel_agents.code_origin import PACKAGE, is_of, module_of
from pytest_parallel_agents.compat import coverage
from pytest_parallel_agents.compat.before_fork import BEFORE_FORK
from pytest_parallel_agents.compat.distribution import read_as_worker
from pytest_parallel_agents.compat.generators import own_clock_sequence
from pytest_parallel_agents.compat.worker_branch import configure_as_worker, retire
from pytest_parallel_agents.compat.xdist import export_identity
from pytest_parallel_agents.runtest.capture import own_capture
from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.runtest.live_output import show_live
from pytest_parallel_agents.runtest.stacks import Stacks, stacks_in
from pytest_parallel_agents.wire.run_folder import WorkerFiles
from pytest_parallel_agents.worker.exit_handlers import forget_exit_handlers
from pytest_parallel_agents.worker.session_end import own_cleanups

_REPLAYED_HOOKS = (
    "pytest_runtest_logstart",
    "pytest_runtest_logreport",
    "pytest_runtest_logfinish",
    "pytest_warning_recorded",
)
_FINISHING_HOOKS = ("pytest_sessionfinish", "pytest_unconfigure")
_REPORTERS = ("_pytest.terminal", "_pytest.pastebin", f"{PACKAGE}.session.session_plugin")
"""Modules of plugins that report to people how the session has ended."""


@contextmanager
def as_worker(
    session: pytest.Session, workerinput: dict[str, Any], files: WorkerFiles, complain: Callable[[str], None]
) -> Iterator[Stacks]:
    """Turns this process into the worker that `workerinput` describes. `complain` is called for plugins that cannot be
    configured.

    At the end, the plugins' output is in `config.workeroutput`.
    """
    config = session.config
    worker = workerinput["workerid"]
    forget_exit_handlers()
    own_cleanups(config)
    export_identity(workerinput)
    config.workerinput = workerinput  # type: ignore[attr-defined]
    config.workeroutput = {}  # type: ignore[attr-defined]
    own_capture(config, files)
    _own_random_state(worker)
    config.stash[BEFORE_FORK].generators.renew()
    own_clock_sequence(int(worker.removeprefix("gw")))
    _own_base_temp(config, worker)
    _leave_reports_to_controller(session)
    for complaint in _take_workers_branch(config):
        complain(complaint)
    show_live(config, files)
    note_setups(config, files.setups)
    coverage.prepare(config)
    with stacks_in(files.stacks, files.timed_stacks) as stacks:
        yield stacks
        coverage.save(config, worker)


def _own_random_state(worker: str) -> None:
    """Another sequence in each worker, the same in each run for a suite that seeds at import."""
    seed = hashlib.sha256(f"{worker}{random.getstate()}".encode()).digest()[:4]
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(int.from_bytes(seed, "big"))


def _own_base_temp(config: pytest.Config, worker: str) -> None:
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is None:
        return
    own = type(factory)(
        given_basetemp=factory.getbasetemp() / f"popen-{worker}",  # the name by which xdist's users find locks
        retention_count=factory._retention_count,  # noqa: SLF001
        retention_policy=factory._retention_policy,  # noqa: SLF001
        trace=factory._trace,  # noqa: SLF001
        _ispytest=True,
    )
    config._tmp_path_factory = own  # type: ignore[attr-defined]  # noqa: SLF001
    legacy = getattr(config, "_tmpdirhandler", None)
    if legacy is not None:
        legacy._tmppath_factory = own  # noqa: SLF001


def _leave_reports_to_controller(session: pytest.Session) -> None:
    """Silences the copies of plugins that write reports; those that stop the session stay.

    Conftests and other plugins get every hook, as in xdist's workers. pytest's own reporters have no use here.
    """
    stopping = (session, session.config.pluginmanager.getplugin("stepwiseplugin"))
    for name in _REPLAYED_HOOKS:
        _silence(session.config, name, "_pytest", PACKAGE, but=stopping)
    for name in _FINISHING_HOOKS:
        _silence(session.config, name, *_REPORTERS)


def _silence(config: pytest.Config, hook: str, *packages: str, but: Sequence[object] = ()) -> None:
    caller = getattr(config.hook, hook)
    for implementation in list(caller.get_hookimpls()):
        plugin = implementation.plugin
        if any(plugin is one for one in but):
            continue
        if isinstance(plugin, TerminalReporter) or is_of(module_of(plugin), *packages):
            caller._remove_plugin(plugin)  # noqa: SLF001


def _take_workers_branch(config: pytest.Config) -> list[str]:
    read_as_worker(config)
    _plain_terminal(config)
    asked = list(config.stash[BEFORE_FORK].questions.configured())
    return configure_as_worker(config, asked) if asked else []


def _plain_terminal(config: pytest.Config) -> None:
    """Makes pytest's own reporter write nowhere: code that looks for one finds it, and other reporters are
    built on it.
    """
    manager = config.pluginmanager
    reporter: Any = manager.getplugin("terminalreporter")
    if reporter is None:
        return
    writer = reporter._tw  # noqa: SLF001
    writer._file = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115, SLF001
    if type(reporter) is not TerminalReporter:
        retire(manager, reporter)
        plain = TerminalReporter(config, writer._file)  # noqa: SLF001
        plain._tw = writer  # noqa: SLF001
        manager.register(plain, "terminalreporter")
        for name in (*_REPLAYED_HOOKS, *_FINISHING_HOOKS):
            _silence(config, name, "_pytest.terminal")
