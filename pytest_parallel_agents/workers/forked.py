"""What makes a forked copy of the controller a worker, as xdist's plugins know one.

The copy has inherited the collected items and a configuration whose plugins took the controller's branch. Nothing of
the controller's that could be shared by accident may stay shared: captured output, temporary folders, random state,
and the hooks that write reports.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.workers import coverage_data
from pytest_parallel_agents.workers.captured import own_capture
from pytest_parallel_agents.workers.contract import export_identity
from pytest_parallel_agents.workers.live import show_live
from pytest_parallel_agents.workers.stacks import Stacks, stacks_in

_REPLAYED_HOOKS = (
    "pytest_runtest_logstart",
    "pytest_runtest_logreport",
    "pytest_runtest_logfinish",
    "pytest_warning_recorded",
)


@contextmanager
def as_worker(session: pytest.Session, workerinput: dict[str, Any], stacks_file: Path) -> Iterator[Stacks]:
    """Turn this process into the worker that `workerinput` describes.

    On leaving, what plugins would report is in `config.workeroutput`.
    """
    config = session.config
    worker = workerinput["workerid"]
    export_identity(workerinput)
    config.workerinput = workerinput  # type: ignore[attr-defined]
    config.workeroutput = _configured_output(config)  # type: ignore[attr-defined]
    own_capture(config, stacks_file.parent, worker)
    _own_random_state(worker)
    _own_base_temp(config, worker)
    _leave_reports_to_controller(session)
    show_live(config, stacks_file.parent, worker)
    note_setups(config, stacks_file.parent, worker)
    coverage_data.prepare(config)
    with stacks_in(stacks_file) as stacks:
        yield stacks
        coverage_data.save(config, worker)


def _configured_output(config: pytest.Config) -> dict[str, Any]:
    """What pytest-metadata says of a worker when that is configured: this process was, as controller."""
    key = getattr(config.pluginmanager.getplugin("metadata"), "metadata_key", None)
    return {} if key is None else {"metadata": config.stash[key]}


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
        given_basetemp=factory.getbasetemp() / f"popen-{worker}",  # the name that xdist's users find locks by
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
    """Silence the copies of the plugins that write what the controller will write; the session keeps counting."""
    for name in _REPLAYED_HOOKS:
        caller = getattr(session.config.hook, name)
        for implementation in list(caller.get_hookimpls()):
            if implementation.plugin is not session:
                caller._remove_plugin(implementation.plugin)  # noqa: SLF001


def flush_streams() -> None:
    """Empty the standard streams' buffers, or every fork would print their content again."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None and not stream.closed:
            stream.flush()
