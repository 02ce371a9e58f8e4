from __future__ import annotations

import os

import pytest

from pytest_parallel_agents.runtest.own_process import OwnProcess, exit_code

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def status_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_is_ended_and_the_process_itself_is_not() -> None:
    process = OwnProcess()

    pid = os.fork()
    if pid == 0:
        process.end_forks(5 if not process.is_current() else 6)
        os._exit(7)

    assert status_of(pid) == 5
    assert process.is_current()
    process.end_forks(1)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (SystemExit(), 0),
        (SystemExit(3), 3),
        (SystemExit(-1), 255),
        (SystemExit("text"), 1),
        (ValueError(), 1),
        (KeyboardInterrupt(), 1),
    ],
)
def test_a_process_ends_with_the_code_that_its_exception_means(error: BaseException | None, code: int) -> None:
    assert exit_code(error) == code
