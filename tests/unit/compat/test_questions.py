from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.compat.questions import Configured, Questions, described


@pytest.fixture
def config(pytester: pytest.Pytester) -> pytest.Config:
    return pytester.parseconfig()


@pytest.fixture
def questions(config: pytest.Config) -> Iterator[Questions]:
    questions = Questions(config)
    questions.begin()
    yield questions
    questions.end()


class Asks:
    """A plugin that asks when it is configured, and has something for workers."""

    def pytest_configure(self, config: pytest.Config) -> None:
        if not hasattr(config, "workerinput"):
            config.pluginmanager.register(Serves(), "serves")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Asks nothing."""


class Serves:
    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None: ...


class Silent:
    def pytest_configure(self, config: pytest.Config) -> None: ...


def configured(config: Any, questions: Questions, *plugins: object) -> list[Configured]:
    for plugin in plugins:
        config.pluginmanager.register(plugin)
    config._do_configure()
    return [each for each in questions.configured() if each.implementation.plugin in plugins]


@pytest.mark.parametrize("name", ["PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"])
def test_the_projects_own_question_is_found_where_it_was_asked(questions: Questions, name: str) -> None:
    assert os.environ.get("HOME") is not None
    assert questions.of_project() is None

    answer = os.environ.get(name)
    asked = questions.of_project()

    assert answer == dict(os.environ).get(name)
    assert asked is not None
    assert (asked.about, asked.path) == (name, __file__)
    place = f"{Path(__file__).name}:{asked.line}"
    assert described(asked, Path(__file__).parent) == f"{place} asked for {name} before workers were forked"
    assert list(questions.of_distribution()) == []


def test_whether_the_run_is_distributed_is_asked_of_the_options(config: pytest.Config, questions: Questions) -> None:
    questions.watch_options()
    assert config.option.verbose is not None
    assert list(questions.of_distribution()) == []

    for _ in range(2):
        assert config.option.dist == config.getoption("dist")

    assert {each.about for each in questions.of_distribution()} == {"config.option.dist"}
    assert len({each.line for each in questions.of_distribution()}) == len(list(questions.of_distribution()))


def test_plugins_that_asked_when_they_were_configured(config: pytest.Config, questions: Questions) -> None:
    asks, silent = Asks(), Silent()

    (found,) = configured(config, questions, asks, silent)

    assert found.implementation.plugin is asks
    assert [type(plugin) for plugin in found.registered] == [Serves]
    assert found.supplies_workers()
    assert questions.of_supplier() is None, "it has not asked whether the run is distributed"


def test_a_module_that_is_being_imported_asks_for_itself(
    questions: Questions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it was installed."""
    monkeypatch.setattr("pytest_parallel_agents.compat.questions.is_project_file", lambda _: False)
    source = tmp_path / "own_library.py"
    code = compile("import os\nNAME = os.environ.get('PYTEST_XDIST_WORKER')", source, "exec")

    exec(code, {"__name__": "own_library"})  # noqa: S102 - as the interpreter does

    asked = questions.of_project()
    assert asked is not None
    assert (asked.path, asked.line) == (str(source), 2)


def test_several_may_listen_and_end_in_any_order(config: pytest.Config) -> None:
    one, other = Questions(config), Questions(config)
    watched = type(os.environ).__getitem__
    one.begin()
    config.pluginmanager.unregister(one)  # another configuration has another manager
    other.begin()
    config.pluginmanager.register(one)
    one.end()
    assert os.environ.get("PYTEST_XDIST_WORKER", "") is not None
    assert other.of_project() is not None
    assert one.of_project() is None
    other.end()
    assert type(os.environ).__getitem__ is watched
    assert not hasattr(config, "workeroutput")
    assert not hasattr(pytest.Config, "__getattr__")
