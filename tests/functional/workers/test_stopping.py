"""Runs that end early."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import time
from collections import Counter
from typing import Any

import psutil
import pytest

from tests.functional.runs import run_agents, run_pytest
from tests.functional.workers.conftest import Agents
from tests.functional.workers.waiting import wait_for, waiting_run
from tests.processes import PATIENCE, wait_until_gone

MANY = """
    import pytest

    @pytest.mark.parametrize("number", range(40))
    def test_it(number): {body}
"""


@pytest.mark.slow
def test_the_first_failure_is_the_last_check_of_its_worker(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(MANY.format(body="assert number < 0"))

    run = agents("-x")

    assert run.exit_code == 1
    outcomes = Counter(run.outcomes.values())
    assert 1 <= outcomes["failed"] <= 2  # one on each worker at most
    assert outcomes["cancelled"] == 40 - outcomes["failed"]
    assert f"stopping after {outcomes['failed']} failures" in run.stdout


def test_what_still_runs_after_the_last_failure_is_named(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import pathlib

        CONFIGS = []
        def pytest_configure(config): CONFIGS.append(config)
        def pytest_runtest_logreport(report):
            if report.failed and not hasattr(CONFIGS[0], "workerinput"):
                pathlib.Path("reported").touch()
    """)
    pytester.makepyfile("""
        import pathlib, time

        def wait_for(name):
            while not pathlib.Path(name).exists():
                time.sleep(0.01)

        def test_long():
            pathlib.Path("begun").touch()
            wait_for("reported")

        def test_wrong():
            wait_for("begun")
            assert 0
    """)
    run = run_agents(pytester, "-x")
    assert run.outcomes == {"test_long": "passed", "test_wrong": "failed"}
    assert re.search(r"still running after \d+ s: gw\d\s+\S+::test_long", run.stdout)


def test_maxfail_counts_over_all_workers(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(MANY.format(body="assert number < 0"))

    run = agents("--maxfail=3")

    failed = Counter(run.outcomes.values())["failed"]
    assert 3 <= failed <= 3 + 3  # both workers run until one of them has failed three times or the controller says so
    assert f"stopping after {failed} failures" in run.stdout


def test_exit_called_in_a_check(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(MANY.format(body="pytest.exit('enough of it', returncode=9) if number == 3 else None"))

    run = agents()

    assert run.exit_code == 9
    assert "enough of it" in run.stdout
    assert run.check("test_it[3]")["message"] == "interrupted"
    assert set(run.outcomes.values()) <= {"passed", "cancelled"}
    assert run.outcomes["test_it[3]"] == "cancelled"


def test_a_keyboard_interrupt_raised_in_a_check(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(MANY.format(body="assert number != 3 or (_ for _ in ()).throw(KeyboardInterrupt)"))

    run = agents()

    assert run.exit_code == 2
    assert run.outcomes["test_it[3]"] == "cancelled"


@pytest.mark.slow
@pytest.mark.parametrize(("wish", "code"), [("shouldfail", 1), ("shouldstop", 2)])
def test_a_check_ends_the_session(pytester: pytest.Pytester, agents: Agents, wish: str, code: int) -> None:
    pytester.makepyfile(f"def test_it(request): request.session.{wish} = 'enough of it'")
    run = agents()
    assert run.exit_code == code
    assert "enough of it" in run.stdout
    assert run.outcomes == {"test_it": "passed"}


@pytest.mark.slow
def test_a_mistake_of_the_user_that_a_worker_finds(pytester: pytest.Pytester, agents: Agents) -> None:
    """Pytest reads the filters of a mark when the test begins."""
    pytester.makepyfile("""
        import pytest
        @pytest.mark.filterwarnings("no:such:kind:of:filter:at:all")
        def test_it(): pass
    """)
    run = agents()
    assert run.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: while parsing the following warning configuration:" in run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert "INTERNALERROR" not in run.stdout


def test_a_hook_that_breaks_in_a_worker(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        import pytest

        def pytest_runtest_teardown(item, nextitem): pass

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(item, nextitem):
            if item.name == "test_it[3]":
                raise RuntimeError("the hook is broken")
            return (yield)
    """)
    pytester.makepyfile(MANY.format(body="pass"))

    run = agents()

    assert run.exit_code == 3
    assert "INTERNALERROR" in run.stdout
    assert "in pytest_runtest_protocol" in run.stdout
    assert "RuntimeError: the hook is broken" in run.stdout


@pytest.mark.parametrize("signum", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupt_tears_down_and_reports(pytester: pytest.Pytester, transport: str, signum: signal.Signals) -> None:
    with waiting_run(pytester, transport) as process:
        workers = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(signum)
        output, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 2, output
    assert "KeyboardInterrupt" in output
    assert "interrupted: test_an_interrupt_tears_down_and_reports.py::test_one\n" in output
    assert "never started: 1 of 3 checks\n" in output
    assert re.search(r"still running after \d+ s: gw\d", output)
    report: dict[str, Any] = json.loads((pytester.path / "report.json").read_text("utf-8"))
    assert report["run"]["exit_code"] == 2
    assert {check["name"]: (check["outcome"], check["message"]) for check in report["checks"]} == {
        "test_one": ("cancelled", "interrupted"),
        "test_two": ("cancelled", "interrupted"),
        "test_three": ("cancelled", "never started"),
    }
    torn_down = {path.name for path in pytester.path.glob("*.down")}
    assert torn_down == {"test_one.down", "test_two.down", "gw0.down", "gw1.down"}
    wait_until_gone(*workers)


def wait_until_both_are_reported(process: subprocess.Popen[str]) -> None:
    """Return when the run says at a signal that both checks are running."""
    assert process.stdout is not None
    told, until = "", time.monotonic() + PATIENCE
    while "::test_one (" not in told or "::test_two (" not in told:
        process.send_signal(signal.SIGUSR1)
        if select.select([process.stdout], [], [], 0.1)[0]:  # all that is there: a run waits while the pipe is full
            told += os.read(process.stdout.fileno(), 1 << 16).decode()
        assert process.poll() is None, told
        assert time.monotonic() < until, told


DEAF = """
    import pathlib, signal, threading

    def wait(name):
        signal.signal(signal.SIGINT, lambda *_: pathlib.Path(f"{name}.asked").touch())
        pathlib.Path(f"{name}.up").touch()
        threading.Event().wait()

    def test_one(): wait("test_one")
    def test_two(): wait("test_two")
"""


@pytest.mark.slow
def test_the_second_ctrl_c_does_not_wait(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makepyprojecttoml("[tool.pytest-parallel-agents]\ngrace = 600")
    with waiting_run(pytester, transport, DEAF) as process:
        workers = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        wait_until_both_are_reported(process)
        process.send_signal(signal.SIGINT)
        for name in ("test_one", "test_two"):  # signals that come at the same time are one
            wait_for(pytester.path / f"{name}.asked", process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 2
    report: dict[str, Any] = json.loads((pytester.path / "report.json").read_text("utf-8"))
    assert {check["message"] for check in report["checks"]} == {"interrupted"}
    wait_until_gone(*workers)


@pytest.mark.slow
def test_running_checks_are_reported_at_a_signal(pytester: pytest.Pytester, transport: str) -> None:
    with waiting_run(pytester, transport) as process:
        wait_until_both_are_reported(process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("signum", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_workers_do_not_outlive_their_controller(
    pytester: pytest.Pytester, transport: str, signum: signal.Signals
) -> None:
    with waiting_run(pytester, transport) as process:
        workers = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        assert len(workers) >= 2
        process.send_signal(signum)
        process.wait(PATIENCE)
        wait_until_gone(*workers)
    pytester.makepyfile(test_next="def test_next(): pass")
    run_agents(pytester, f"--tx={transport}", "-pno:cacheprovider", "test_next.py")  # removes what nobody was left to


def test_ctrl_c_in_this_process_reports_what_ran(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import os, signal

        def test_one(): os.kill(os.getpid(), signal.SIGINT)
        def test_two(): pass
    """)

    run = run_agents(pytester, "-n0", "-pno:cacheprovider")

    assert run.exit_code == 2
    assert {check["name"]: (check["outcome"], check["message"]) for check in run.report["checks"]} == {
        "test_one": ("cancelled", "interrupted"),
        "test_two": ("cancelled", "never started"),
    }
    assert run.check("test_one")["worker"] == "controller"


@pytest.mark.slow
def test_a_report_never_passes_for_a_run_that_an_interrupt_ends_before_its_exit_code_is_known(
    pytester: pytest.Pytester,
) -> None:
    """As a second Ctrl-C may that comes while pytest reports the first one."""
    pytester.makeconftest("def pytest_keyboard_interrupt(excinfo): raise KeyboardInterrupt")
    pytester.makepyfile("""
        def test_one(): raise KeyboardInterrupt
        def test_two(): pass
    """)

    result = run_pytest(pytester, "--agents", "-n2", "--agents-report=report.json", "-pno:cacheprovider")

    assert result.ret not in (0, 1)
    report = json.loads((pytester.path / "report.json").read_text("utf-8"))
    assert report["run"]["exit_code"] == pytest.ExitCode.INTERRUPTED


@pytest.mark.slow
def test_sigterm_while_a_host_does_not_answer_is_reported(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = pytester.mkdir("programs") / "ssh"
    ssh.write_text("#!/bin/sh\necho $$ > ssh.pid\nkill -TERM $PPID\nexec sleep 60\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}{os.pathsep}{os.environ['PATH']}")
    pytester.makepyfile("def test_one(): pass")

    run = run_agents(pytester, "-pno:cacheprovider", "--tx=fork", "--tx=ssh=machine")

    assert run.exit_code == pytest.ExitCode.INTERRUPTED
    assert run.outcomes == {"test_one": "cancelled"}
    assert run.check("test_one")["message"] == "never started"
    assert not psutil.pid_exists(int((pytester.path / "ssh.pid").read_text()))
