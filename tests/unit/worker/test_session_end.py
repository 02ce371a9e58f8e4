from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_parallel_agents.worker.session_end import end_session, own_cleanups

PRINTS = """
import os, sys
from pytest_parallel_agents.worker.session_end import unseen_output
BEFORE
print("before ", end="")
with unseen_output():
    print("unseen")
    os.write(1, b"unseen")
    os.system("echo unseen")
    print("an error", file=sys.stderr)
print("after", end="")
sys.stdout = sys.__stdout__
"""


@pytest.mark.parametrize(
    ("before", "seen"),
    [("", "before after"), ("sys.stdout = None", ""), ("sys.stdout = object(); print = lambda *_, **__: 0", "")],
    ids=["as ever", "none", "of a test"],
)
def test_what_is_printed_then_is_not_seen(before: str, seen: str) -> None:
    source = PRINTS.replace("BEFORE", before)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == seen
    assert done.stderr == ("" if "print =" in before else "an error\n")


def test_there_may_be_no_standard_output() -> None:
    source = "import os\nfrom pytest_parallel_agents.worker.session_end import unseen_output\nos.close(1)\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{source}with unseen_output(): pass"], capture_output=True, check=True
    )
    assert done.stderr == b""


class Termination:
    def __init__(self) -> None:
        self.done: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: Any, exitstatus: int) -> None:
        self.done.append(f"finished with {exitstatus}")
        session.config.add_cleanup(lambda: self.done.append("cleaned up"))
        raise ValueError("in the hook")

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        self.done.append("unconfigured")


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """That of a worker."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    config: Any = pytester.parseconfigure(
        "-s", *(f"-pno:{name}" for name in ("terminal", "threadexception", "unraisableexception"))
    )
    config.workeroutput, inherited = {}, config._cleanup_stack
    of_controller: list[str] = []
    config.add_cleanup(lambda: of_controller.append("done"))
    own_cleanups(config)
    session = pytest.Session.from_config(config)
    config.hook.pytest_sessionstart(session=session)
    yield session
    assert of_controller == []
    inherited.close()


def test_everything_is_done_and_failures_are_reported(session: Any) -> None:
    session.testscollected, session.testsfailed, ending = 1, 1, Termination()
    session.config.pluginmanager.register(ending)

    errors = end_session(session)

    assert ending.done == ["finished with 1", "unconfigured", "cleaned up"]
    assert errors.count("Traceback") == 1
    assert "ValueError: in the hook" in errors
    assert session.config.workeroutput == {"exitstatus": 1, "shouldfail": False, "shouldstop": False}


@pytest.mark.parametrize(
    ("collected", "failed", "status"),
    [(1, 0, pytest.ExitCode.OK), (0, 0, pytest.ExitCode.NO_TESTS_COLLECTED), (1, 1, pytest.ExitCode.TESTS_FAILED)],
)
def test_how_a_session_has_ended(session: Any, collected: int, failed: int, status: int) -> None:
    session.testscollected, session.testsfailed = collected, failed

    assert end_session(session) == ""

    assert session.exitstatus == session.config.workeroutput["exitstatus"] == status
