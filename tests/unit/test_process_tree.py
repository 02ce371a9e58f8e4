from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.process_tree import LeftoverGroups
from tests.processes import PATIENCE, wait_until_gone

PARENT = """
import os, signal, subprocess, sys
os.setpgid(0, 0)
child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE)
child.stdout.readline()
try:
    print(child.pid, flush=True)
    signal.pause()
except KeyboardInterrupt:
    print("cleaned up", flush=True)
"""
OBEDIENT = "import signal; print(flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)\nwhile True: signal.pause()"
ELSEWHERE = "import os, signal; os.setsid(); print(flush=True); signal.pause()"


def start(child: str) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, "-c", PARENT.format(child=child)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@pytest.mark.parametrize("child", [OBEDIENT, ELSEWHERE])
def test_a_process_that_is_asked_cleans_up_and_ends_its_children(child: str) -> None:
    process, pid = start(child)

    process_tree.interrupt(process.pid)

    assert process.communicate(timeout=PATIENCE)[0] == "cleaned up\n"
    wait_until_gone(pid)


@pytest.mark.parametrize("child", [DEAF, ELSEWHERE])
def test_no_process_survives_being_killed(child: str) -> None:
    process, pid = start(child)

    process_tree.kill(process.pid)

    assert process.wait(PATIENCE) == -signal.SIGKILL
    process.communicate()
    wait_until_gone(pid)


def test_ended_processes_are_left_alone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(PATIENCE)

    process_tree.interrupt(process.pid)
    process_tree.kill(process.pid)
    leftover_groups = LeftoverGroups(grace=60.0)
    leftover_groups.add(process.pid)
    leftover_groups.close()


@pytest.mark.parametrize(("child", "grace"), [(OBEDIENT, 60.0), (DEAF, 0.2)])
def test_what_remains_of_a_group_is_asked_and_then_killed(child: str, grace: float) -> None:
    process, pid = start(child)
    process.kill()
    process.communicate(timeout=PATIENCE)
    leftover_groups = LeftoverGroups(grace)

    began = time.monotonic()
    leftover_groups.add(process.pid)
    leftover_groups.close()

    wait_until_gone(pid)
    assert time.monotonic() - began < PATIENCE
