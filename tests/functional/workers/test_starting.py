"""What happens when a worker cannot even start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.functional.runs import LIGHT, run_pytest
from tests.functional.workers.waiting import wait_for
from tests.processes import PATIENCE, wait_until_gone


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(
            "raise RuntimeError('no session')",
            ["*exit code 3 in the worker before it ran a check*", "*no session*"],
            id="error",
        ),
        pytest.param(
            "pytest.exit('not here', 7)",
            ["*exit code 7 in the worker before it ran a check*", "*not here*"],
            id="exit",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "raise pytest.UsageError('no use')",
            ["*exit code 4 in the worker before it ran a check*", "*no use*"],
            id="usage",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_session_that_fails_in_the_worker_only_ends_the_run_with_the_reason(
    pytester: pytest.Pytester, fault: str, told: list[str]
) -> None:
    pytester.makeconftest(f"""
        import os
        import pytest

        def pytest_configure():
            if "PYTEST_XDIST_WORKER" in os.environ:
                {fault}
    """)
    pytester.makepyfile("def test_one(): pass\ndef test_two(): pass")

    result = run_pytest(pytester, "--agents", "-n2", "--tx", "popen", "-p", "no:cacheprovider", timeout=60)

    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(told)


@pytest.mark.slow
def test_ctrl_c_is_obeyed_while_a_host_does_not_answer(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = pytester.mkdir("programs")
    (programs / "ssh").write_text(f"#!/bin/sh\ntouch {pytester.path}/asked\nexec sleep 1000\n")
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    pytester.makepyfile("def test_it(): pass")

    words = [sys.executable, "-m", "pytest", *LIGHT, "--agents", "--tx=ssh=machine", "--tx=fork"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        wait_for(pytester.path / "asked", process)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == pytest.ExitCode.INTERRUPTED, output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("popen//python=nowhere", "gw0 could not be started ([Errno 2] No such file or directory: 'nowhere'), 5 times"),
        ("popen//python=false//id=mine", "gw0 ended as soon as it was started, 5 times"),
    ],
)
def test_an_interpreter_that_does_not_start_is_reported_with_the_reason(
    pytester: pytest.Pytester, spec: str, fault: str
) -> None:
    pytester.makepyfile("def test_it(): pass")

    result = run_pytest(pytester, "--agents", f"--tx={spec}")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert f"Interrupted: no worker could be started: an interpreter for worker {fault}" in str(result.stdout)


@pytest.mark.slow
def test_the_second_ctrl_c_ends_an_interpreter_that_does_not_answer(pytester: pytest.Pytester) -> None:
    silent = pytester.path / "silent"
    silent.write_text(f"#!/bin/sh\necho $$ >{pytester.path}/pid.new; mv {pytester.path}/pid.new {pytester.path}/pid\n")
    with silent.open("a") as file:
        file.write("exec sleep 1000\n")
    silent.chmod(0o755)
    pytester.makepyfile("def test_it(): pass")

    words = [sys.executable, "-m", "pytest", *LIGHT, "--agents", f"--tx=popen//python={silent}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        wait_for(pytester.path / "pid", process)
        process.send_signal(signal.SIGINT)
        time.sleep(2)  # or both would be one
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    wait_until_gone(int((pytester.path / "pid").read_text()))


IN_A_PROGRAM = """
import sys
import psutil, pytest
from pytest_parallel_agents.session import planning

def interrupted(*_args, **_settings):
    assert psutil.Process().children()  # workers can be forked already
    raise KeyboardInterrupt

planning.Scheduler = interrupted
code = pytest.main(sys.argv[1:])
print(int(code), psutil.Process().children())
"""


@pytest.mark.slow
def test_ctrl_c_before_the_first_worker_leaves_no_process(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")

    result = pytester.run(sys.executable, "-c", IN_A_PROGRAM, *LIGHT, "--agents", "--tx=fork")

    assert result.outlines[-1] == "2 []"
