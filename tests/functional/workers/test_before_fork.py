"""What a project does before workers are forked, and a fork would share: it decides which workers there are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any, Protocol

import pytest

from tests.functional.runs import AgentsRun, run_agents
from tests.functional.workers.conftest import Agents

SETTINGS = """
    import os

    NAME = "db_" + os.environ.get("PYTEST_XDIST_WORKER", "master")
"""


class Install(Protocol):
    """Has processes find modules where pip puts a user's packages."""

    def __call__(self, **modules: str) -> None: ...


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Install:
    def install(**modules: str) -> None:
        monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path_factory.mktemp("installed")))
        where = [sys.executable, "-c", "import site; print(site.getusersitepackages())"]
        folder = Path(subprocess.check_output(where, text=True).strip())
        folder.mkdir(parents=True)
        for name, source in modules.items():
            (folder / f"{name}.py").write_text(dedent(source).lstrip())
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return install


def notes(run: AgentsRun) -> list[str]:
    """The notes before the first check on how workers are started."""
    lines = [line.removeprefix("agents: ") for line in run.stdout.splitlines() if line.startswith("agents: ")]
    return [line for line in lines if not line.startswith("no commands are configured")]


def test_a_project_that_uses_a_workers_name_gets_fresh_interpreters(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        settings=SETTINGS,
        test_it="""
            import pytest
            import settings

            @pytest.mark.parametrize("number", range(2))
            def test_it(worker_id, number): assert settings.NAME == f"db_{worker_id}"
        """,
    )

    run = run_agents(pytester)

    assert set(run.outcomes.values()) == {"passed"}, run.stdout
    asked = "settings.py:3 asked for PYTEST_XDIST_WORKER before workers were forked"
    assert notes(run) == [f"{asked}: workers are fresh interpreters, as with --tx popen"]


@pytest.mark.parametrize(
    ("arguments", "files", "asker"),
    [
        ([], {"test_it": "import own_library\ndef test_it(): pass"}, "test_it.py:1"),
        ([], {"conftest": "pytest_plugins = ['own_library']", "test_it": "def test_it(): pass"}, "own_library.py:3"),
        (["-pown_library"], {"test_it": "def test_it(): pass"}, "own_library.py:3"),
    ],
    ids=["by a test", "by pytest", "before conftests"],
)
def test_what_is_installed_asks_when_it_is_imported(
    pytester: pytest.Pytester,
    installed: Install,
    arguments: list[str],
    files: dict[str, str],
    asker: str,
) -> None:
    installed(own_library=SETTINGS)
    pytester.makepyfile(**files)

    run = run_agents(pytester, "--tx=fork", *arguments)

    assert notes(run) == [f"{asker} asked for PYTEST_XDIST_WORKER before workers were forked: use --tx popen"]


ONCE = """
    import os, sys
    import pytest

    STATE = []

    def pytest_addoption(parser): parser.addoption("--of-own-library")

    def pytest_configure(config):
        if STATE or {never} and hasattr(config, "workerinput"):
            raise ValueError("once is enough")
        STATE.append("worker" if hasattr(config, "workerinput") else config.getoption("numprocesses"))

    @pytest.fixture
    def role(): return STATE[0]
"""


@pytest.mark.parametrize("never", [False, True])
def test_a_plugin_that_can_be_configured_only_once(
    pytester: pytest.Pytester, installed: Install, *, never: bool
) -> None:
    installed(own_library=ONCE.format(never=never))
    pytester.makepyfile(
        """
        import pathlib, time
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_it(role, number, worker_id):
            pathlib.Path(f"{worker_id}.begun").touch()
            while len(list(pathlib.Path().glob("*.begun"))) < 2: time.sleep(0.01)
            assert (role == "worker") is not {never}
    """.replace("{never}", str(never))
    )

    run = run_agents(pytester, "--tx=fork", "-n2", "-pown_library")

    assert set(run.outcomes.values()) == {"passed"}
    assert run.workers() == {"gw0", "gw1"}
    assert ("1 warning" in run.stdout) is never
    assert ("own_library could not be configured" in run.stdout) is never


SHARED = """
    import asyncio, socket, sqlite3, threading
    import settings

    LOOP = asyncio.new_event_loop()
    DATABASE = sqlite3.connect("data.sqlite")
    DATABASE.execute("create table if not exists data (value)")
    SERVER = socket.create_server(("127.0.0.1", 0))
    CLIENT = socket.create_connection(SERVER.getsockname())
    THREAD = threading.Thread(target=threading.Event().wait, name="watcher", daemon=True)
    THREAD.start()
"""


def test_things_that_forks_share_are_reported_when_forks_are_requested(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(settings=SETTINGS, shared=SHARED, test_it="import shared\ndef test_it(): pass")

    run = run_agents(pytester, "--tx=fork")

    asked, opened, started = notes(run)
    assert asked == "settings.py:3 asked for PYTEST_XDIST_WORKER before workers were forked: use --tx popen"
    for what in ("an event loop", "a connection to 127.0.0.1:", "a connection to the database data.sqlite"):
        assert what in opened
    for name in ("LOOP", "DATABASE", "CLIENT"):
        assert f"shared.{name}" in opened
    assert started == "the thread watcher was started before workers were forked: use --tx popen"


def test_a_conftest_that_asks_when_it_is_configured(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        def pytest_configure(config):
            config.name = config.workerinput["workerid"] if hasattr(config, "workerinput") else "master"
    """)
    pytester.makepyfile("def test_it(request, worker_id): assert request.config.name == worker_id")

    run = run_agents(pytester, "--tx=fork")

    assert run.outcomes == {"test_it": "passed"}, "it is configured again in the worker"
    assert notes(run) == ["conftest.py:2 asked for config.workerinput before workers were forked: use --tx popen"]


def test_harmless_things_are_not_reported(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import os, random, socket, sqlite3, subprocess, sys

        COPY = dict(os.environ)
        SERVER = socket.create_server(("127.0.0.1", 0))
        MEMORY = sqlite3.connect(":memory:")
        subprocess.run([sys.executable, "-c", ""], env=os.environ.copy(), check=True)

        def pytest_sessionfinish(session):
            hasattr(session.config, "workerinput")
    """)
    pytester.makepyfile("""
        import argparse, os, random, pytest

        def test_it(request):
            assert os.environ.get("PYTEST_XDIST_WORKER") == "gw0"
            for name in ("workerinput", "workeroutput"):
                assert hasattr(request.config, name)

        def test_nothing_is_watched_any_more(request):
            assert not hasattr(pytest.Config, "__getattr__")
            assert type(request.config.option) is argparse.Namespace
            for function in (random.Random.seed, type(os.environ).__getitem__):
                assert function.__module__ in ("random", "os")
    """)

    run = run_agents(pytester, "-n1")

    assert set(run.outcomes.values()) == {"passed"}, run.stdout
    assert notes(run) == []


def test_workers_draw_other_numbers_where_no_seed_is_set(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import json, random, uuid
        import pytest

        MADE = uuid.uuid1()
        UNSEEDED, AGAIN, SEEDED, RESET = random.Random(), random.Random(1), random.Random(42), random.Random()
        AGAIN.seed()
        RESET.seed("chosen")

        @pytest.mark.parametrize("number", range(2))
        def test_it(worker_id, tmp_path_factory, number):
            shared = tmp_path_factory.getbasetemp().parent
            drawn = [generator.random() for generator in (UNSEEDED, AGAIN, SEEDED, RESET)]
            drawn.append(uuid.uuid1().clock_seq)
            (shared / f"{worker_id}.json").write_text(json.dumps(drawn))
            while len(list(shared.glob("*.json"))) < 2: pass
    """)

    run = run_agents(pytester, "--tx=fork", f"--basetemp={pytester.path / 'base'}")

    assert set(run.outcomes.values()) == {"passed"}, run.stdout
    one, other = [json.loads(file.read_text()) for file in (pytester.path / "base").glob("*.json")]
    assert [a == b for a, b in zip(one, other, strict=True)] == [False, False, True, True, False]


TOLD = """
    import json
    from pathlib import Path
    from xdist import is_xdist_controller, is_xdist_worker

    def told(config):
        option = config.option
        return [option.numprocesses, option.dist, option.tx, config.pluginmanager.hasplugin("dsession")]

    def pytest_configure(config):
        config.at_first = told(config)

    def pytest_sessionfinish(session):
        config = session.config
        name = config.workerinput["workerid"] if is_xdist_worker(session) else "controller"
        said = [config.at_first, told(config), is_xdist_controller(session)]
        Path(f"{name}.json").write_text(json.dumps(said))
"""


def test_plugins_see_how_the_run_is_distributed(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(TOLD)
    pytester.makepyfile("def test_it(): pass")

    def told(name: str) -> Any:
        return json.loads((pytester.path / f"{name}.json").read_text())

    agents("-n4")
    assert told("controller") == [
        [4, "load", ["popen"] * 4, False],
        [1, "load", ["popen"], False],  # no more than there was work for
        True,
    ]
    assert told("gw0") == [[None, "no", [], False], [None, "no", [], False], False]

    agents("-n0")
    assert told("controller") == [[0, "no", [], False], [0, "no", [], False], False]


def test_a_plugin_that_has_seen_workers_gets_them(pytester: pytest.Pytester) -> None:
    """However short the checks are known to be."""
    pytester.makeconftest("def pytest_configure(config): config.getoption('dist')")
    pytester.makepyfile("def test_it(): pass")

    for _ in range(2):
        assert run_agents(pytester, "--tx=fork").workers() == {"gw0"}


def test_a_reporter_of_another_kind_shows_every_check(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        import pytest
        from _pytest.terminal import TerminalReporter

        class Reporter(TerminalReporter):
            def pytest_runtest_logreport(self, report):
                category, letter, word = self.config.hook.pytest_report_teststatus(report=report, config=self.config)
                if letter:
                    self.stats.setdefault(category, []).append(report)
                    self._tests_ran = True
                    self.write_line(f"{report.head_line}: {word}!")

        @pytest.hookimpl(trylast=True)
        def pytest_configure(config):
            manager = config.pluginmanager
            manager.unregister(manager.getplugin("terminalreporter"))
            manager.register(Reporter(config), "terminalreporter")
    """)
    pytester.makepyfile("def test_good(): pass\ndef test_bad(): assert 0")

    run = agents("-v")

    assert "test_good: PASSED!" in run.stdout
    assert "test_bad: FAILED!" in run.stdout
    assert "1 failed, 1 passed" in run.stdout
    assert "assert 0" in run.stdout


def test_plugins_get_the_status_that_plugins_gave(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        import pytest

        class Listener:
            def __init__(self, config): self.config = config

            @pytest.hookimpl(trylast=True)
            def pytest_runtest_logreport(self, report):
                status = self.config.hook.pytest_report_teststatus(report=report, config=self.config)
                if report.when == "call":
                    print("status", *status)

        def pytest_report_teststatus(report):
            if report.when == "call" and report.passed:
                return "fine", "f", "FINE"

        def pytest_configure(config):
            config.pluginmanager.register(Listener(config))
    """)
    pytester.makepyfile("def test_it(): pass")

    run = agents("-sv")

    assert "status fine f FINE" in run.stdout
    assert "1 fine" in run.stdout


@pytest.mark.slow
def test_the_collector_knows_what_was_made_before_the_fork(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import gc
        import weakref

        class Node:
            def __init__(self): self.itself = self

        made = [Node(), Node()]

        def test_found(): assert len([each for each in gc.get_objects() if type(each) is Node]) == len(made)
        def test_referred_to(): assert any(each is made for each in gc.get_referrers(made[-1]))
        def test_freed():
            reference = weakref.ref(made.pop())
            gc.collect()
            assert reference() is None
    """)
    run = run_agents(pytester, "--tx=fork", "-n1", "-pno:cacheprovider")

    assert set(run.outcomes.values()) == {"passed"}, run.stdout
