"""What checks leave behind is named and ended, and what wider fixtures own is not theirs."""

from __future__ import annotations

from functools import partial

import pytest

from tests.functional.runs import AgentsRun, run_agents
from tests.functional.workers.conftest import Agents

KEPT = """
    import multiprocessing, os, socket, subprocess, sys, threading, time
    from concurrent.futures import ThreadPoolExecutor
    import pytest

    KEPT = []
    SLEEP = [sys.executable, "-c", "import signal; signal.pause()"]
    stop = threading.Event()

    def keep(thing):
        KEPT.append(thing)
        return thing

    def listen():
        sock = keep(socket.socket())
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        return sock

    @pytest.fixture(scope="module", autouse=True)
    def let_the_interpreter_end():
        yield
        stop.set()
"""
LEAKING = """
    @pytest.fixture
    def server(): keep(subprocess.Popen(SLEEP))

    def test_child(): keep(subprocess.Popen(SLEEP))
    def test_fixture(server): pass
    def test_socket(): listen()
    def test_fork():
        if os.fork() == 0:
            try: threading.Event().wait()
            finally: os._exit(0)
    def test_failing():
        keep(subprocess.Popen(SLEEP))
        assert 0
    @pytest.mark.filterwarnings("ignore::pytest_parallel_agents.api.LeakWarning")
    def test_on_purpose(): keep(subprocess.Popen(SLEEP))
"""
TIDY = """
    @pytest.fixture(scope="module")
    def wide_server():
        process = subprocess.Popen(SLEEP)
        yield listen()
        process.kill()
        process.wait()

    @pytest.fixture(scope="module")
    def growing():
        started = []
        yield started
        for process in started:
            process.kill()
            process.wait()

    def test_dynamic(request): request.getfixturevalue("wide_server")
    def test_uses_it(wide_server): socket.create_connection(wide_server.getsockname()).close()
    def test_grows(growing): growing.append(subprocess.Popen(SLEEP))
    def test_nothing(growing): pass
    def test_daemon(): threading.Thread(target=stop.wait, daemon=True).start()
    def test_pool_in_use():
        keep(ThreadPoolExecutor(1)).submit(int).result()
    def test_pool_shut_down():
        with ThreadPoolExecutor(1) as pool: pool.submit(int).result()
    def test_not_waited_for(): keep(subprocess.Popen(["true"]))
    def test_helper(): multiprocessing.get_context("spawn").Semaphore()
    def test_about_to_end(): threading.Thread(target=time.sleep, args=[0.02]).start()
"""
PATIENT = "from pytest_parallel_agents.runtest import leak_detection; leak_detection.SETTLE_SECONDS = 20.0"
LATE = """
    @pytest.fixture(scope="module")
    def growing(): return []

    def test_grows(growing): keep(subprocess.Popen(SLEEP))
    def test_nothing(growing): pass
"""
THREAD = """
    def test_thread(): threading.Thread(target=stop.wait, name="forgotten").start()
"""


@pytest.fixture(params=["workers", pytest.param("here", marks=pytest.mark.slow)])
def checks(request: pytest.FixtureRequest, agents: Agents, pytester: pytest.Pytester) -> Agents:
    """On workers or in the controller's process."""
    return agents if request.param == "workers" else partial(run_agents, pytester, "-n0", "-pno:cacheprovider")


def notes(run: AgentsRun) -> dict[str, str]:
    """The leaks of each check, without numbers."""
    told = {check["name"]: check["notes"] for check in run.report["checks"] if check["notes"]}
    return {name: " | ".join(texts).translate(str.maketrans("", "", "0123456789")) for name, texts in told.items()}


@pytest.mark.slow
def test_each_leak_is_named_and_warned_of(pytester: pytest.Pytester, checks: Agents) -> None:
    pytester.makepyfile(test_it=KEPT + LEAKING)

    run = checks("-Werror")  # which filters of a check must not change

    assert run.outcomes == {
        "test_failing": "failed",
        **dict.fromkeys(("test_child", "test_fixture", "test_socket", "test_fork", "test_on_purpose"), "passed"),
    }
    told = notes(run)
    assert told.keys() == {"test_child", "test_fixture", "test_socket", "test_fork", "test_failing"}
    assert told["test_socket"] == "left behind a listening socket: ...:"
    assert told["test_fork"] == "left behind a child process : a fork of this process"
    for name in ("test_child", "test_fixture", "test_failing"):
        assert told[name].startswith("left behind a child process : ")
        assert told[name].endswith("-c 'import signal; signal.pause()'")
    for name in ("test_child", "test_socket", "test_fork"):
        assert f"test_it.py::{name}\n" in run.stdout
    assert run.stdout.count("LeakWarning: left behind a ") == 3
    assert run.stdout.count("'import signal; signal.pause()' (3 times)\n") == 1
    assert " 3 warnings in " in run.stdout


@pytest.mark.slow
def test_what_others_own_or_what_ends_is_no_leak(pytester: pytest.Pytester, checks: Agents) -> None:
    pytester.makepyfile(test_it=KEPT + TIDY)
    pytester.makeconftest(PATIENT)  # what ends by itself may take its time on a busy machine

    run = checks("--agents-independence=strict")

    assert set(run.outcomes.values()) == {"passed"}
    assert notes(run) == {}


def test_what_outlives_the_wider_fixtures_was_the_checks(pytester: pytest.Pytester, checks: Agents) -> None:
    pytester.makepyfile(test_it=KEPT + LATE)

    run = checks()

    assert notes(run).keys() == {"test_grows"}
    assert set(run.outcomes.values()) == {"passed"}
    assert "test_it.py::test_grows\n" in run.stdout


def test_a_thread_is_named(pytester: pytest.Pytester, checks: Agents) -> None:
    pytester.makepyfile(test_it=KEPT.replace("autouse=True", "") + THREAD)
    pytester.makeconftest("""
        def pytest_sessionfinish(session):
            import sys
            if "test_it" in sys.modules: sys.modules["test_it"].stop.set()
    """)

    assert notes(checks()) == {"test_thread": "left behind a thread that is no daemon: forgotten"}


@pytest.mark.slow
@pytest.mark.parametrize("suite", [LEAKING, LATE], ids=["at once", "late"])
def test_a_leak_is_an_error_under_strict(pytester: pytest.Pytester, checks: Agents, suite: str) -> None:
    pytester.makepyfile(test_it=KEPT + suite)

    run = checks("--agents-independence=strict", "-k", "child or grows or nothing")

    assert run.exit_code == 1
    assert run.outcomes == (
        {"test_child": "error"} if suite == LEAKING else {"test_grows": "error", "test_nothing": "passed"}
    )
    assert "left behind a child process" in run.stdout
    assert "LeakWarning" not in run.stdout


@pytest.mark.slow
def test_what_is_left_behind_prints_into_no_other_check(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(
        test_it="""
        import pathlib, subprocess, time

        def test_leaks():
            subprocess.Popen("while true; do echo noise; touch noisy; sleep 0.01; done", shell=True)

        def test_other():
            pathlib.Path("noisy").unlink(missing_ok=True)
            while not pathlib.Path("noisy").exists():
                time.sleep(0.01)
            assert 0
        """
    )

    run = agents("-n1")

    assert notes(run).keys() == {"test_leaks"}
    assert "noise\n" not in run.stdout


@pytest.mark.slow
def test_a_process_that_has_detached_itself_is_named(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import contextlib, os, time
        def test_before(): pass
        def test_daemon():
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                os.setsid()
                if os.fork() == 0:
                    os.write(write, b"1")
                    for descriptor in range(100):
                        with contextlib.suppress(OSError): os.close(descriptor)
                    time.sleep(3)
                os._exit(0)
            os.waitpid(child, 0)
            os.read(read, 1)
            time.sleep(0.05)
        def test_after(): pass
    """)

    run = agents("-n1")

    assert set(run.outcomes.values()) == {"passed"}
    assert notes(run).keys() == {"test_daemon"}
    assert "left behind a detached process" in run.stdout
