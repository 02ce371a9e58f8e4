"""Whether a host has the package: real interpreters answer."""

from __future__ import annotations

from collections.abc import Iterator

import execnet
import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.remote.package_there import check_package


@pytest.fixture
def gateway() -> Iterator[execnet.Gateway]:
    group = execnet.Group(execmodel="thread")
    yield group.makegateway("popen")
    group.terminate(timeout=1)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("'', 'python3', '3.12.1'", "box: python3 has no pytest-parallel-agents"),
        ("'0.0.1', 'python3', '3.12.1'", "box: python3 has pytest-parallel-agents 0.0.1, and this machine "),
        ("'0.0.1', 'python3', '3.10.4'", "box: python3 is Python 3.10.4, and 3.11 is needed"),
    ],
)
def test_what_is_wrong_there_is_named(gateway: execnet.Gateway, answer: str, fault: str) -> None:
    with pytest.raises(AgentsError, match=fault):
        check_package(gateway.remote_exec(f"channel.send(({answer})); channel.receive()"), "box", 60)


def test_a_host_that_does_not_answer_is_named(gateway: execnet.Gateway) -> None:
    with pytest.raises(AgentsError, match=r"box did not answer for 0.1 s"):
        check_package(gateway.remote_exec("channel.receive()"), "box", 0.1)
