"""Checks that take longer than they may."""

from __future__ import annotations

import pytest

from tests.functional.workers.conftest import Agents

BLOCK_SIGNALS = "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())"
HANGS = [
    pytest.param("time.sleep(600)", id="sleeping"),
    pytest.param("while True: pass", id="busy", marks=pytest.mark.slow),
    pytest.param("threading.Event().wait()", id="waiting", marks=pytest.mark.slow),
    pytest.param(f"{BLOCK_SIGNALS}; time.sleep(600)", id="deaf", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("hang", HANGS)
def test_a_hanging_check_is_ended_and_reports_where_it_hung(
    pytester: pytest.Pytester, agents: Agents, hang: str
) -> None:
    pytester.makepyfile(f"""
        import signal, threading, time
        import pytest

        def hang():
            {hang}

        @pytest.mark.agent("test", timeout=0.5)
        def test_hangs(): hang()

        def test_other(): pass
    """)

    run = agents()

    assert run.exit_code == 1
    assert run.outcomes == {"test_hangs": "timed_out", "test_other": "passed"}
    assert run.check("test_hangs")["message"].startswith("ran into its time limit of 0.5 s on worker gw")
    assert " in hang\n" in run.stdout
    assert "in test_hangs\n" in run.stdout


@pytest.mark.slow
def test_a_check_that_never_yields_the_interpreter_is_ended(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyprojecttoml("[tool.pytest-parallel-agents]\ngrace = 0.1")
    pytester.makepyfile("""
        import ctypes
        import pytest

        @pytest.mark.agent("test", timeout=0.5)
        def test_hangs(): ctypes.PyDLL(None).sleep(600)

        def test_other(): pass
    """)

    run = agents()

    assert run.outcomes == {"test_hangs": "timed_out", "test_other": "passed"}
    assert "in test_hangs\n" in run.stdout


def test_a_watchdog_of_the_suite_disturbs_no_limit(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        import faulthandler

        def pytest_collection_finish():
            faulthandler.dump_traceback_later(600)
    """)
    pytester.makepyfile("""
        import pytest

        @pytest.mark.agent("test", timeout=60)
        def test_one(): pass
    """)

    assert agents().outcomes == {"test_one": "passed"}


@pytest.mark.slow
@pytest.mark.parametrize("place", ["setup", "teardown"])
def test_fixtures_count(pytester: pytest.Pytester, agents: Agents, place: str) -> None:
    pytester.makepyfile(f"""
        import threading
        import pytest

        def hang(place):
            if place == {place!r}: threading.Event().wait()

        @pytest.fixture
        def slow():
            hang("setup")
            yield
            hang("teardown")

        @pytest.mark.agent("test", timeout=0.5)
        def test_hangs(slow): pass
    """)

    run = agents()

    assert run.outcomes == {"test_hangs": "timed_out"}
    assert " in slow\n" in run.stdout


@pytest.mark.slow
def test_a_hang_after_a_failure_is_shown_too(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import threading
        import pytest

        @pytest.fixture
        def slow():
            yield
            threading.Event().wait()

        @pytest.mark.agent("test", timeout=1.5)
        def test_hangs(slow): assert 0
    """)

    run = agents()

    assert run.outcomes == {"test_hangs": "timed_out"}
    assert " in slow\n" in run.stdout


@pytest.mark.slow
def test_there_is_a_default_limit(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import threading
        import pytest

        def test_hangs(): threading.Event().wait()

        @pytest.mark.agent("test", timeout=100)
        def test_may_take_longer(): threading.Event().wait(0.6)
    """)

    run = agents("--agents-timeout=0.5")

    assert run.outcomes == {"test_hangs": "timed_out", "test_may_take_longer": "passed"}
    assert "in test_hangs\n" in run.stdout


@pytest.mark.slow
def test_what_the_check_started_is_ended_too(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import subprocess, sys
        import pytest

        @pytest.mark.agent("test", timeout=0.5)
        def test_hangs():
            subprocess.run([sys.executable, "-c", "import signal; signal.pause()"])
    """)

    assert agents().outcomes == {"test_hangs": "timed_out"}  # and nothing is left


@pytest.mark.slow
def test_a_kind_may_have_a_limit_of_its_own(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyprojecttoml("[tool.pytest-parallel-agents]\ntimeout = 100\nkinds.review.timeout = 0.5")
    pytester.makepyfile("""
        import threading
        import pytest

        @pytest.mark.agent("review")
        def test_hangs(): threading.Event().wait()

        @pytest.mark.agent("test")
        def test_takes_its_time(): threading.Event().wait(0.6)
    """)

    assert agents().outcomes == {"test_hangs": "timed_out", "test_takes_its_time": "passed"}


RUN_LIMIT = {"fork": 3, "popen": 10}
"""Seconds in which a worker comes up on a busy machine, too."""


@pytest.mark.slow
def test_the_run_has_a_limit(pytester: pytest.Pytester, agents: Agents, transport: str) -> None:
    pytester.makepyfile("""
        import threading
        import pytest

        @pytest.mark.agent("test", writes=["x/"])
        def test_hangs(): threading.Event().wait()

        @pytest.mark.agent("test", after=["test_hangs"])
        def test_never(): pass
    """)

    limit = RUN_LIMIT[transport]

    run = agents(f"--agents-run-timeout={limit}")

    assert run.exit_code == 1
    assert run.outcomes == {"test_hangs": "timed_out", "test_never": "cancelled"}
    assert f"when the run's time limit of {limit} s has passed" in run.check("test_hangs")["message"]
    assert "in test_hangs\n" in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["fork"])
def test_the_limit_of_the_run_holds_after_the_first_failure_too(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import pathlib, threading, time

        def test_hangs():
            pathlib.Path("hangs").touch()
            threading.Event().wait()

        def test_fails():
            while not pathlib.Path("hangs").exists(): time.sleep(0.01)
            assert False
    """)

    run = agents("-x", f"--agents-run-timeout={RUN_LIMIT['fork']}")

    assert run.exit_code == 1
    assert run.outcomes == {"test_hangs": "timed_out", "test_fails": "failed"}


@pytest.mark.slow
def test_there_is_time_to_clean_up(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import pathlib, subprocess, sys
        import pytest

        CHILD = "import signal, pathlib, sys\\n" \
            "signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path('child.down').touch(), sys.exit()))\\n" \
            "print(flush=True); signal.pause()"

        @pytest.fixture
        def service():
            yield
            pathlib.Path("service.down").touch()

        @pytest.mark.agent("test", timeout=1.5)
        def test_hangs(service):
            subprocess.run([sys.executable, "-c", CHILD])
    """)

    assert agents().outcomes == {"test_hangs": "timed_out"}
    assert {path.name for path in pytester.path.glob("*.down")} == {"child.down", "service.down"}


@pytest.mark.slow
def test_a_check_that_goes_on_when_asked_to_end_is_late_all_the_same(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import threading
        import pytest

        @pytest.mark.agent("test", timeout=0.5)
        def test_stubborn():
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                pass

        def test_other(): pass
    """)

    run = agents()

    assert run.exit_code == 1
    assert run.outcomes == {"test_stubborn": "timed_out", "test_other": "passed"}


@pytest.mark.slow
def test_without_workers_it_is_reported_that_no_limit_holds(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("def test_it(): pass")

    said = "agents: without workers (-n 0, --pdb) no time limit holds"
    assert said in agents("-n0", "--agents-timeout=60").stdout
    assert said not in agents("--agents-timeout=60").stdout
    assert said not in agents("-n0").stdout
    assert said not in agents("-n0", "--agents-timeout=60", "--agents-wait=any").stdout  # which needs a worker


def test_pdb_runs_here_and_reports_it(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("def test_it(): pass")

    run = agents("--pdb")

    assert run.workers() == {"controller"}
    assert "agents: --pdb and the like run every check in this process, one after the other" in run.stdout
