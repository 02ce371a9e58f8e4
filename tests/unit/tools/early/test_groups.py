from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_parallel_agents.tools.early.groups import end_groups, group_file


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
def test_a_group_is_ended_unless_a_later_process_has_its_number(tmp_path: Path) -> None:
    with (
        subprocess.Popen(["sleep", "60"], process_group=0) as ours,
        subprocess.Popen(["sleep", "60"], process_group=0) as later,
    ):
        group_file(tmp_path, ours.pid).touch()
        group_file(tmp_path, later.pid).touch()
        os.utime(group_file(tmp_path, later.pid), (0, time.time() - 60))
        (tmp_path / "0.stdout").touch()

        end_groups(tmp_path, 5.0)
        end_groups(tmp_path / "missing", 5.0)

        assert (ours.poll() is None, later.poll() is None) == (False, True)
        later.kill()
    assert {path.name for path in tmp_path.iterdir()} == {group_file(tmp_path, later.pid).name, "0.stdout"}
