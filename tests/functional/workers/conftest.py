from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Protocol

import psutil
import pytest

from tests.functional.runs import AgentsRun, run_agents
from tests.prepared import Prepared
from tests.processes import wait_until_gone

MARK = "PYTEST_AGENTS_FUNCTIONAL_TEST"


ON_POPEN_BY_DEFAULT = ("test_the_torture_suite[popen-plain]", "test_everything_is_reported_as_serially[popen]")
"""Fresh interpreters take their time to come up: what else is tried with them belongs to the slow runs."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if parameters.get("transport") == "popen" and item.name not in ON_POPEN_BY_DEFAULT:
            item.add_marker(pytest.mark.slow)


class Agents(Protocol):
    """Runs `pytest --agents` on the transport under test."""

    def __call__(self, *args: str) -> AgentsRun: ...


@pytest.fixture(params=["fork", "popen"])
def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def agents(pytester: pytest.Pytester, transport: str) -> Agents:
    return partial(run_agents, pytester, f"--tx={transport}", "-pno:cacheprovider")


@pytest.fixture(autouse=True)
def nothing_is_left(pytester: pytest.Pytester, prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However a run ended: its processes are gone, and so is its folder."""
    temporary = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv(MARK, str(pytester.path))
    yield
    wait_until_gone(*prepared.descendants(), *_processes_marked(str(pytester.path)))
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
