"""What plugins and conftests written for xdist's workers find under `--agents`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.runs import run_pytest
from tests.functional.workers.conftest import Agents

CONTROLLER = """
    import json
    import pytest

    EVENTS = []

    def is_worker(config):
        return hasattr(config, "workerinput")

    def pytest_configure_node(node):
        node.workerinput["told"] = ("by the controller", 1)
        EVENTS.append(["configure", node.gateway.id, node.config is CONFIG, sorted(node.workerinput)])

    def pytest_testnodeready(node):
        EVENTS.append(["ready", node.gateway.id, sorted(node.workerinfo), node.gateway._rinfo().pid > 0])

    def pytest_testnodedown(node, error):
        EVENTS.append(["down", node.gateway.id, error, getattr(node, "workeroutput", None)])

    def pytest_configure(config):
        global CONFIG
        CONFIG = config

    def pytest_runtest_logreport(report):
        if not is_worker(CONFIG) and report.when == "call":
            EVENTS.append(["report", report.node.gateway.id, report.worker_id, report.testrun_uid, report.nodeid])

    def pytest_runtest_setup(item):
        item.config.workeroutput["said"] = ("by the worker", {1})

    def pytest_unconfigure(config):
        if not is_worker(config):
            with open("events.json", "w") as file:
                json.dump(EVENTS, file, default=list)
"""
BOTH_WORK = """
    import pathlib, time
    import pytest

    @pytest.fixture(scope="session", autouse=True)
    def both_work(worker_id):  # a few short checks would otherwise stay on one worker
        pathlib.Path(f"{worker_id}.begun").touch()
        until = time.monotonic() + 30
        while len(list(pathlib.Path().glob("*.begun"))) < 2 and time.monotonic() < until:
            time.sleep(0.001)
"""
WORKER = """
    import os, random, threading
    import pytest

    @pytest.mark.parametrize("number", range(4))
    def test_identity(request, worker_id, testrun_uid, number):
        workerinput = request.config.workerinput
        assert worker_id == workerinput["workerid"] == os.environ["PYTEST_XDIST_WORKER"]
        assert workerinput["workercount"] == 2 and os.environ["PYTEST_XDIST_WORKER_COUNT"] == "2"
        assert testrun_uid == workerinput["testrunuid"] == os.environ["PYTEST_XDIST_TESTRUNUID"]
        assert workerinput["told"] == ("by the controller", 1)
        assert isinstance(workerinput["mainargv"], list)

    def test_xdist_agrees(request):
        import xdist
        assert xdist.is_xdist_worker(request)
        assert not xdist.is_xdist_controller(request)
        assert xdist.get_xdist_worker_id(request) == os.environ["PYTEST_XDIST_WORKER"]

    def test_main_thread():
        assert threading.current_thread() is threading.main_thread()

    def test_signals():
        import signal
        def handle(signum, frame): raise TimeoutError
        signal.signal(signal.SIGALRM, handle)
        with pytest.raises(TimeoutError):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            while True:  # no signal ends a wait that begins at the same moment
                threading.Event().wait(0.1)

    def test_asyncio():
        import asyncio
        async def child():
            process = await asyncio.create_subprocess_exec("true")
            return await process.wait()
        assert asyncio.run(child()) == 0
"""


def events_of(path: Path) -> dict[str, list[list[Any]]]:
    events: dict[str, list[list[Any]]] = {}
    for name, *details in json.loads((path / "events.json").read_text("utf-8")):
        events.setdefault(name, []).append(details)
    return events


def test_workers_know_their_identity(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(CONTROLLER + BOTH_WORK)
    pytester.makepyfile(WORKER)

    run = agents()

    assert set(run.outcomes.values()) == {"passed"}, run.stdout
    assert run.workers() == {"gw0", "gw1"}


def test_the_controller_sees_nodes_as_xdists_does(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(CONTROLLER + BOTH_WORK)
    pytester.makepyfile(WORKER)

    run = agents("--testrunuid=unique")

    events = events_of(pytester.path)
    assert sorted(events["configure"]) == [
        [worker, True, ["mainargv", "testrunuid", "told", "workercount", "workerid"]] for worker in ("gw0", "gw1")
    ]
    info = ["cwd", "executable", "id", "platform", "spec", "sysplatform", "version", "version_info"]
    assert sorted(events["ready"]) == [[worker, info, True] for worker in ("gw0", "gw1")]
    output = {"said": ["by the worker", [1]], "exitstatus": 0, "shouldfail": False, "shouldstop": False}
    assert sorted(events["down"]) == [[worker, None, output] for worker in ("gw0", "gw1")]
    assert {tuple(report) for report in events["report"]} == {
        (check["worker"], check["worker"], "unique", check["nodeid"]) for check in run.report["checks"]
    }


def test_a_lost_worker_goes_down_with_its_error(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(CONTROLLER)
    pytester.makepyfile("import os\ndef test_it(): os._exit(3)")

    agents()

    assert events_of(pytester.path)["down"] == [["gw0", "exited with code 3", None]]


def test_temporary_folders_have_one_base(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(BOTH_WORK)
    pytester.makepyfile("""
        import pytest
        @pytest.mark.parametrize("number", range(6))
        def test_it(tmp_path, tmp_path_factory, worker_id, number):
            base = tmp_path_factory.getbasetemp()
            assert base.name == f"popen-{worker_id}"
            assert tmp_path.parent == base
            base.parent.joinpath("shared").touch()
    """)

    assert agents().exit_code == 0
    (base,) = (path for path in pytester.path.glob("runpytest-*") if not path.is_symlink())
    assert {path.name for path in base.iterdir()} >= {"popen-gw0", "popen-gw1", "shared"}


def test_the_recipe_for_one_fixture_for_all_workers(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import fcntl, json, os
        import pytest

        @pytest.fixture(scope="session")
        def once(tmp_path_factory, worker_id):
            file = tmp_path_factory.getbasetemp().parent / "data.json"
            with open(f"{file}.lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not file.exists():
                    file.write_text(json.dumps(worker_id))
                    with open("built", "a") as log:
                        log.write(worker_id + " ")
                return json.loads(file.read_text())

        @pytest.mark.parametrize("number", range(10))
        def test_it(once, number, record_property):
            assert once in ("gw0", "gw1")
    """)

    run = agents()

    assert run.exit_code == 0
    assert (pytester.path / "built").read_text().strip() in ("gw0", "gw1")


def test_workers_draw_different_random_numbers(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(BOTH_WORK)
    pytester.makepyfile("""
        import pathlib, random
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def draw(worker_id):
            pathlib.Path(f"{worker_id}.drawn").write_text(str(random.getrandbits(64)))

        @pytest.mark.parametrize("number", range(6))
        def test_it(number): pass
    """)

    assert agents().exit_code == 0
    numbers = [path.read_text() for path in pytester.path.glob("*.drawn")]
    assert len(set(numbers)) == len(numbers) == 2


def test_a_conftest_decides_how_many_workers_auto_means(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makeconftest("def pytest_xdist_auto_num_workers(config): return 3")
    pytester.makepyfile("""
        def test_it(request):
            assert request.config.workerinput["workercount"] == 3
    """)

    result = run_pytest(pytester, "--agents", "-nauto", f"--tx={transport}")

    result.assert_outcomes(passed=1)


def test_wide_fixtures_are_torn_down_in_the_order_of_their_scopes(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        import os
        import pytest

        def log(worker, what):
            with open(f"{worker}.log", "a") as file:
                file.write(what + "\\n")

        def made(scope):
            @pytest.fixture(scope=scope)
            def fixture(worker_id):
                log(worker_id, f"{scope} up")
                yield
                log(worker_id, f"{scope} down")
            return fixture

        session_wide, package_wide, module_wide, class_wide = map(made, ["session", "package", "module", "class"])
    """)
    pytester.makepyfile("""
        import pytest
        class TestIt:
            @pytest.mark.parametrize("number", range(3))
            def test_it(self, session_wide, package_wide, module_wide, class_wide, number): pass
    """)

    run = agents()

    (worker,) = run.workers()
    scopes = ["session", "package", "module", "class"]
    ups, downs = [f"{scope} up" for scope in scopes], [f"{scope} down" for scope in reversed(scopes)]
    assert (pytester.path / f"{worker}.log").read_text().splitlines() == [*ups, *downs]


def test_output_that_is_not_captured_is_seen(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os, sys
        def test_it():
            print("printed")
            os.system("echo by a child")
            print("to stderr", file=sys.stderr)
    """)

    run = agents("-s")

    for text in ("printed", "by a child", "to stderr"):
        assert f"{run.stdout}\n{run.stderr}\n".count(f"{text}\n") == 1
