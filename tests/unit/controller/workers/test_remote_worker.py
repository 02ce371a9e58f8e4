from __future__ import annotations

import signal

import pytest

from pytest_parallel_agents.controller.workers.remote_worker import describe_exit


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (None, "ended without reporting why"),
        (0, "exited with code 0"),
        (7, "exited with code 7"),
        (-signal.SIGSEGV, "was ended by SIGSEGV"),
        (-signal.SIGKILL, "was ended by SIGKILL"),
        (-63, "was ended by signal 63"),
    ],
)
def test_an_exit_status_is_named_as_people_do(status: int | None, text: str) -> None:
    assert describe_exit(status) == text
