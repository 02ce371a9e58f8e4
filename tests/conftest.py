from __future__ import annotations

import compileall
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from _pytest.unraisableexception import gc_collect_iterations_key
from hypothesis import HealthCheck, settings

import pytest_parallel_agents
from pytest_parallel_agents.agents.kinds import AGENTS
from pytest_parallel_agents.assistants import VARIABLES
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.configured import parse_agents
from tests.prepared import Prepared

SpecOf = Callable[..., CommandSpec]

# How fast examples are made says something of the machine, not of the product.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fresh-interpreters",
        action="store_true",
        help="Start an interpreter for each pytest process that tests begin. It takes three times as long.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Where interpreters may keep no bytecode, each of those that tests start would compile the package again."""
    if sys.dont_write_bytecode and not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(pytest_parallel_agents.__file__).parent, quiet=1)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Prepared]:
    interpreter = Prepared()
    yield interpreter
    interpreter.close()


@pytest.fixture
def pytester(pytester: pytest.Pytester, prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Its runs begin in forks of a prepared interpreter where that makes no difference."""
    if hasattr(os, "fork") and not pytester._request.config.option.fresh_interpreters:
        monkeypatch.setattr(pytester, "popen", partial(prepared.popen, pytester.popen))
    monkeypatch.setattr(pytester, "parseconfig", partial(_without_collector, pytester.parseconfig))
    return pytester


def _without_collector(parseconfig: Callable[..., pytest.Config], *args: str) -> pytest.Config:
    """Collects no garbage when the session in this process ends, as `pytester.inline_run` does: it would take as long
    as the rest of the session.
    """
    config = parseconfig(*args)
    config.stash[gc_collect_iterations_key] = 0
    return config


@pytest.fixture
def item_of(request: pytest.FixtureRequest) -> Callable[[str], pytest.Item]:
    """Makes an item from the source of a function `test_it`, beside the test that runs: a session of its own would take
    half a second.
    """

    def make(source: str) -> pytest.Item:
        names: dict[str, object] = {"pytest": pytest}
        exec(compile(source, request.path, "exec"), names)  # noqa: S102 - it is the test's own
        return pytest.Function.from_parent(request.node.parent, name="test_it", callobj=names["test_it"])

    return make


@pytest.fixture(autouse=True)
def _not_in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may run in a worker, in CI or in a coding assistant. The pytest processes that they start do not."""
    for name in (
        *("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"),
        *("GITHUB_ACTIONS", "CI", "BUILD_NUMBER"),  # pytest's summary shows whole messages under the last two
        *VARIABLES,
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def spec_of(tmp_path: Path) -> SpecOf:
    """Makes the command of one faultless table from its name and keys, whose underscores stand for dashes."""

    def make(name: str = "tool", **keys: object) -> CommandSpec:
        entry = {key.replace("_", "-"): value for key, value in keys.items()}
        table = Table({name: entry}, where="x.toml: agents", faults=[])
        (spec,) = parse_agents(table, ADAPTERS, kinds=AGENTS, root=tmp_path)
        assert table.faults == []
        return spec

    return make
