from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

import psutil
import pytest

from tests.functional.runs import AgentsRun, run_agents
from tests.prepared import Prepared
from tests.processes import is_running, wait_until_none
from tests.sshd import SSHD, Server, ssh_server

_IN_CI = "CI" in os.environ
MARK = "PYTEST_AGENTS_FUNCTIONAL_TEST"


ON_POPEN_BY_DEFAULT = ("test_everything_is_reported_as_serially[popen]",)
"""Fresh interpreters take their time to come up: what else is tried with them belongs to the slow runs."""


ALSO_OVER_SSH = (
    *("test_the_torture_suite[ssh-plain]", "test_a_worker_that_dies_is_replaced[ssh-exit]"),
    *("test_the_place_of_a_crash_is_reported[ssh]", "test_each_line_has_the_name_of_its_check[ssh--s]"),
    *("test_what_the_check_started_is_ended_too[ssh]", "test_each_check_has_its_own_output[ssh]"),
    *("test_the_last_output_of_a_lost_check[ssh-timed out]", "test_a_worker_that_was_stopped_is_replaced[ssh]"),
    "test_maxfail_counts_over_all_workers[ssh]",
)
"""What depends on how workers are reached. The rest is the same for all fresh interpreters."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if _transport_of(item) != "ssh" or item.name in ALSO_OVER_SSH]
    for item in items:
        if _transport_of(item) in ("popen", "ssh") and item.name not in ON_POPEN_BY_DEFAULT:
            item.add_marker(pytest.mark.slow)


def _transport_of(item: pytest.Item) -> str:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    name: str = parameters.get("transport", "")
    return name


class Agents(Protocol):
    """Runs `pytest --agents` on the transport under test."""

    def __call__(self, *args: str) -> AgentsRun: ...


@pytest.fixture(params=["fork", "popen", "ssh"])
def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def agents(pytester: pytest.Pytester, transport: str, request: pytest.FixtureRequest) -> Agents:
    if transport == "ssh":
        machine: Machine = request.getfixturevalue("machine")
        return machine.agents
    return partial(run_agents, pytester, f"--tx={transport}", "-pno:cacheprovider")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An OpenSSH server on this machine."""
    if not SSHD:
        (pytest.fail if _IN_CI else pytest.skip)("OpenSSH's server is not installed")
    with ssh_server(tmp_path_factory.mktemp("ssh")) as running:
        yield running
        wait_until_none(running.left_behind)  # the programs there end a moment after their connections


@pytest.fixture
def machine(pytester: pytest.Pytester, server: Server) -> Machine:
    """The other machine, on which the project is in another folder."""
    return Machine(pytester, server, pytester.path.parent / "there" / pytester.path.name)


class Machine:
    """Reached by ssh. `folder` is that of the project on it, which has what `bring` last brought."""

    def __init__(self, pytester: pytest.Pytester, server: Server, folder: Path) -> None:
        self._pytester = pytester
        self._server = server
        self.folder = folder
        self.spec = server.spec(
            folder,
            sys.executable,
            **{f"env:{MARK}": pytester.path, "env:PYTHONIOENCODING": "utf-8:backslashreplace"},
        )

    def bring(self) -> None:
        """Brings the project up to date there."""
        ours = shutil.ignore_patterns("temporary", "runpytest-*", "*.json", "__pycache__")
        shutil.copytree(self._pytester.path, self.folder, dirs_exist_ok=True, ignore=ours)

    def agents(self, *args: str) -> AgentsRun:
        """Runs `pytest --agents` on two workers there. Files that it writes are changed to name the folder here."""
        self.bring()
        run = run_agents(self._pytester, f"--tx=2*{self.spec}", "-pno:cacheprovider", *args)
        for path in (*self._pytester.path.glob("*.jsonl"), *self._pytester.path.glob("*.xml")):
            text = path.read_text("utf-8", "surrogatepass")
            path.write_text(text.replace(str(self.folder), str(self._pytester.path)), "utf-8", "surrogatepass")
        return run


@pytest.fixture(autouse=True)
def nothing_is_left(pytester: pytest.Pytester, prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However a run ended: its processes are gone, and so is its folder."""
    temporary = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv(MARK, str(pytester.path))
    yield
    wait_until_none(lambda: filter(is_running, [*prepared.descendants(), *_processes_marked(str(pytester.path))]))
    assert list(temporary.glob("pytest-agents-*")) == []


def _processes_marked(value: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == value:
                found.append(process.pid)
        except psutil.Error:
            continue
    return [pid for pid in found if pid != psutil.Process().pid]
