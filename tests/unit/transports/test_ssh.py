"""Connections through a program that is called ssh."""

from __future__ import annotations

import os
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import execnet
import psutil
import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports import ssh
from pytest_parallel_agents.transports.ssh import SshConnection
from tests.processes import PATIENCE

Made = Callable[[str], SshConnection]


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Makes a connection whose ssh executes this. `$command` is what the user wants executed there."""
    made, pid = [], tmp_path / "pid"

    def make(script: str) -> SshConnection:
        program = tmp_path / "ssh"
        begins = f"echo $$ > {pid}.new; mv {pid}.new {pid}"
        program.write_text(f"#!/bin/sh\nfor command; do :; done\n{begins}\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        made.append(
            SshConnection(execnet.XSpec(f"ssh=-p 22 machine//ssh_config=own//python={shlex.quote(sys.executable)}"))
        )
        return made[-1]

    yield make
    for each in made:
        each.close()
    if pid.exists():  # it may have been cut before it came so far
        assert not psutil.pid_exists(int(pid.read_text("utf-8")))


def test_an_interpreter_there_is_reached(connection: Made) -> None:
    made = connection('exec sh -c "$command"')

    made.open()

    assert made.host == "machine"
    assert made.gateway.remote_exec("channel.send(1)").receive(PATIENCE) == 1


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("read source; exit 255", "it has ended, or no interpreter has answered in time"),
        (
            "echo Warning: Permanently added X to the list of known hosts. >&2; exit 255",
            "it has ended, or no interpreter",
        ),
        ("echo first >&2; echo not known >&2; exit 255", "first / not known"),
        ("read source; echo Welcome", "something else is printed before an interpreter starts there"),
        ("sleep 1000", "it has ended, or no interpreter has answered in time"),
    ],
)
def test_what_keeps_it_from_an_interpreter_is_reported(
    connection: Made, script: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 0.5 if "sleep" in script else PATIENCE)

    with pytest.raises(AgentsError) as caught:
        connection(script).open()

    assert str(caught.value).startswith(f"--tx ssh=-p 22 machine: {reason}")
    assert "try: ssh -o BatchMode=yes -F own -p 22 machine" in str(caught.value)


def test_it_can_be_cut_while_it_is_opened(connection: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 10 * PATIENCE)
    made = connection("echo $$ >&2; exec sleep 1000")
    faults: list[AgentsError] = []

    def open_it() -> None:
        with pytest.raises(AgentsError) as caught:
            made.open()
        faults.append(caught.value)

    opener = threading.Thread(target=open_it)
    opener.start()
    made.cut()
    opener.join(PATIENCE)

    assert faults


def test_what_was_cut_is_not_opened(connection: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 10 * PATIENCE)
    made = connection("exec sleep 1000")
    made.cut()
    with pytest.raises(AgentsError):
        made.open()
