from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pytest_parallel_agents.runtest.child_processes import command_line, started


@pytest.mark.skipif(sys.platform == "win32", reason="a process there is gone when it has ended")
def test_a_process_that_is_not_waited_for_has_no_command_and_no_start() -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert command_line(child.pid) is None
        assert started(child.pid) is None
