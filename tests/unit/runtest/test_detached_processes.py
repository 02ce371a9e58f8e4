from __future__ import annotations

import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_parallel_agents.runtest.detached_processes import worker_processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def test_a_process_is_known_by_its_environment_or_by_the_journal(tmp_path: Path) -> None:
    journal = tmp_path / "gw0.journal"
    journal.write_bytes(bytes(mmap.PAGESIZE))
    environment = os.environ | {"PYTEST_XDIST_WORKER": "gw0", "PYTEST_XDIST_TESTRUNUID": "this run"}
    command = [sys.executable, "-c", "print(flush=True); input()"]
    with (
        journal.open("r+b") as file,
        mmap.mmap(file.fileno(), 0),
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        found = set(worker_processes(worker="gw0", run="this run", journal=journal))
        of_another_run = set(worker_processes(worker="gw0", run="another run", journal=tmp_path / "gw1.journal"))
        process.communicate(b"\n")

    assert found == {os.getpid(), process.pid}
    assert of_another_run == set()
