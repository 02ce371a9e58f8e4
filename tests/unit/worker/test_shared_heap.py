"""Each in an interpreter of its own: what is tried stays in a process until it ends, and this one may be a worker."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent, indent

_BEFORE = """
import gc
import weakref

from pytest_parallel_agents.worker.shared_heap import frozen_until_searched

class Node:
    def __init__(self):
        self.itself = self  # only the collector can free it

def is_frozen():
    return gc.get_freeze_count() > 0

def settle():
    gc.freeze()
    gc.collect()  # the collector compares with what there was at the last time

nodes = [Node()]
settle()
with frozen_until_searched():
"""


def in_worker(during: str, after: str = "") -> None:
    """Does the first within the run of a worker, whose heap is frozen, and the second after it."""
    code = "\n".join([_BEFORE, indent(dedent(during), "    "), dedent(after)])
    subprocess.run([sys.executable, "-c", code], check=True)


def test_objects_from_before_are_found() -> None:
    in_worker("""
        assert nodes[0] in [each for each in gc.get_objects() if type(each) is Node]
        assert not is_frozen()
    """)


def test_what_refers_to_them_is_found() -> None:
    in_worker("assert any(each is nodes for each in gc.get_referrers(nodes[0]))")


def test_they_are_freed_when_garbage_is_collected() -> None:
    in_worker("""
        reference = weakref.ref(nodes.pop())
        gc.collect()
        assert reference() is None
    """)


def test_collections_that_come_by_themselves_leave_them_alone() -> None:
    in_worker("""
        collections = []
        gc.callbacks.append(lambda _phase, info: collections.append(info["generation"]))
        gc.set_threshold(10, 1, 1)
        kept = [[object()] for _ in range(20_000)]
        assert 2 in collections
        assert is_frozen()
    """)


def test_collections_at_the_end_of_the_session_leave_them_alone() -> None:
    in_worker(
        during="gc.callbacks.clear()",
        after="""
            gc.collect()
            gc.get_objects()
            assert is_frozen()
        """,
    )
