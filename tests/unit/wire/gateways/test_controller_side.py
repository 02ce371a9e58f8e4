from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import execnet
import pytest

from pytest_parallel_agents.compat.xdist import interpreter
from pytest_parallel_agents.wire.gateways.controller_side import (
    Launch,
    Starting,
    end_group,
    introduce,
    new_group,
    process_of,
    start_interpreter,
)
from tests.processes import PATIENCE


@pytest.fixture
def group() -> Iterator[execnet.Group]:
    group = new_group()
    yield group
    end_group(group, PATIENCE)


def test_a_spawned_worker_runs_in_its_main_thread(group: execnet.Group) -> None:
    gateway = group.makegateway("popen//id=gw0")
    channel = gateway.remote_exec(
        "import os, threading; channel.send((threading.current_thread() is threading.main_thread(), os.getpid()))"
    )
    assert channel.receive(PATIENCE) == (True, process_of(gateway).pid)


def test_known_facts_of_a_worker_are_not_requested(group: execnet.Group) -> None:
    gateway = group.makegateway("popen//id=gw0")
    channel = gateway.remote_exec("channel.send('busy, it would never answer'); channel.receive()")
    channel.receive(PATIENCE)

    introduce(gateway, pid=42, interpreter=interpreter())

    known = gateway._rinfo()
    assert (known.pid, known.executable) == (42, interpreter()["executable"])
    channel.send(None)


def test_an_interpreter_that_ends_at_once_leaves_no_open_pipe(group: execnet.Group, tmp_path: Path) -> None:
    launch = Launch([], dict(os.environ), str(tmp_path))

    for python in ("echo not", "true"):
        with pytest.raises((OSError, EOFError)):
            start_interpreter(group, execnet.XSpec(f"popen//id=gw0//python={python}"), launch, None, Starting())
    gc.collect()  # a pipe that is open warns when nobody knows it any more, and warnings are errors
    assert len(group) == 0
