from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.unit.forks import in_fork, needs_fork

pytestmark = [needs_fork, pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")]


class Maker:
    """A plugin of another author that does something when a report is made, and gets it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work

    def pytest_runtest_makereport(self) -> None:
        self._work()

    def pytest_runtest_logreport(self) -> None:
        self._work()


def leave_no_trace(config: pytest.Config) -> None:
    from pytest_parallel_agents.compat.no_trace import leave_no_trace as leave

    leave(config)


@pytest.fixture
def config(pytester: pytest.Pytester) -> pytest.Config:
    return pytester.parseconfig()


def make_report(config: pytest.Config, maker: Maker) -> None:
    manager = config.pluginmanager
    others = [plugin for plugin in manager.get_plugins() if plugin is not maker]
    hook: Any = manager.subset_hook_caller("pytest_runtest_makereport", others)
    hook(item=None, call=None)


@pytest.mark.parametrize(
    "work",
    [
        lambda: Path("trace").write_text("!"),
        lambda: os.open("trace", os.O_CREAT | os.O_APPEND),
        lambda: Path("trace").mkdir(),
        lambda: Path("there").rename("trace"),
        lambda: Path("there").unlink(),
        lambda: sqlite3.connect("trace"),
        lambda: subprocess.run([sys.executable, "-c", "open('trace', 'w')"], check=True),
    ],
    ids=["file", "appended", "folder", "renamed", "removed", "database", "process"],
)
def test_hooks_that_make_a_report_cannot_write(config: pytest.Config, work: Callable[[], object]) -> None:
    Path("there").touch()
    maker = Maker(work)
    config.pluginmanager.register(maker)

    def alone() -> None:
        leave_no_trace(config)
        with suppress(Exception):  # it is no error that code may take for its own
            make_report(config, maker)

    assert in_fork(alone) == 1
    assert Path("there").exists()
    assert not Path("trace").exists()


def test_it_may_read_and_others_may_write(config: pytest.Config) -> None:
    Path("there").write_text("text")
    maker = Maker(lambda: Path("there").read_text())
    config.pluginmanager.register(maker)

    def alone() -> None:
        leave_no_trace(config)
        make_report(config, maker)
        Path("of the test").write_text("!")

    assert in_fork(alone) == 0
    assert Path("of the test").read_text() == "!"


def test_no_other_plugin_gets_reports(config: pytest.Config) -> None:
    maker = Maker(lambda: None)
    config.pluginmanager.register(maker)

    def alone() -> None:
        leave_no_trace(config)
        assert maker not in heard_by()

    def heard_by() -> list[object]:
        return [implementation.plugin for implementation in config.hook.pytest_runtest_logreport.get_hookimpls()]

    assert maker in heard_by()
    assert in_fork(alone) == 0


def test_open_logs_get_nothing(config: pytest.Config, tmp_path: Path) -> None:
    """A file that is read too may be a database that the test needs."""
    log, data = tmp_path / "log", tmp_path / "data"
    with log.open("w") as written, data.open("w+") as both:

        def alone() -> None:
            leave_no_trace(config)
            for file in (written, both):
                file.write("alone")
                file.flush()

        assert in_fork(alone) == 0
    assert log.read_text() == ""
    assert data.read_text() == "alone"
