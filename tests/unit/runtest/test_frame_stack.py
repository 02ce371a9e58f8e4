from __future__ import annotations

import subprocess
import sys
import traceback
import tracemalloc

import pytest

from pytest_parallel_agents.runtest.frame_stack import with_frame_stack

COUNT_FAULTS = """
import resource, sys
from pytest_parallel_agents.runtest.frame_stack import with_frame_stack

def leaf(one, two, three):
    return one

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def of_a_thousand_calls(depth):
    if depth:
        return of_a_thousand_calls(depth - 1)
    before = faults()
    for _ in range(1000):
        leaf(1, 2, 3)
    return faults() - before

def most():
    return max(map(of_a_thousand_calls, range(400)))

@with_frame_stack
def most_within():
    sys._getframe()
    return most()

print(most(), most_within())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts page faults as Linux does")
def test_no_depth_of_calls_costs_a_page_fault_a_call() -> None:
    """Without headroom there is such a depth, in a process of which nothing else is known."""
    without, within = map(int, subprocess.check_output([sys.executable, "-c", COUNT_FAULTS], text=True).split())
    assert without >= 1000
    assert within < 100


def test_walks_along_the_stack_cost_no_more() -> None:
    """Within a measured block that would be its memory."""

    @with_frame_stack
    def peak() -> int:
        sys._getframe()
        tracemalloc.start()
        list(traceback.walk_stack(None))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak() < 100_000


def test_what_is_called_there_is_called_as_ever() -> None:
    @with_frame_stack
    def divide(number: int, *, by: int) -> float:
        return number / by

    assert divide(6, by=2) == 3
    with pytest.raises(ZeroDivisionError) as raised:
        divide(1, by=0)
    assert "in divide" in "".join(traceback.format_exception(raised.value))
