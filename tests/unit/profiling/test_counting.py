from __future__ import annotations

import subprocess
import sys


def test_the_first_count_of_a_process_takes_no_more_memory_than_the_next() -> None:
    script = """
from pathlib import Path
from pytest_parallel_agents.profiling.counting import Count, warm_up

def peak():
    count = Count(name="block", root=Path(), memory=True)
    count.start()
    data = bytes(100_000)
    return count.stop().peak_bytes

warm_up()
print(peak(), peak())
"""
    first, second = map(int, subprocess.check_output([sys.executable, "-c", script], text=True).split())
    assert abs(first - second) < 1000
