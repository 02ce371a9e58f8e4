from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest

from pytest_parallel_agents.worker.shared_heap import frozen_until_searched
from tests.unit.forks import in_fork, needs_fork

pytestmark = needs_fork


class Node:
    """Only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def nodes() -> list[Node]:
    return [Node()]


def in_worker(work: Callable[[], object]) -> int:
    """The exit code of a fork that does it with the heap of this process frozen."""

    def worker() -> None:
        gc.freeze()
        with frozen_until_searched():
            work()

    return in_fork(worker)


def test_objects_from_before_are_found(nodes: list[Node]) -> None:
    def search() -> None:
        assert nodes[0] in [each for each in gc.get_objects() if type(each) is Node]

    assert in_worker(search) == 0


def test_what_refers_to_them_is_found(nodes: list[Node]) -> None:
    def search() -> None:
        assert any(each is nodes for each in gc.get_referrers(nodes[0]))

    assert in_worker(search) == 0


def test_they_are_freed_when_garbage_is_collected(nodes: list[Node]) -> None:
    def search() -> None:
        reference = weakref.ref(nodes.pop())
        gc.collect()
        assert reference() is None

    assert in_worker(search) == 0


def test_collections_that_come_by_themselves_leave_them_alone() -> None:
    def allocate() -> None:
        collections: list[int] = []
        gc.callbacks.append(lambda _phase, info: collections.append(info["generation"]))
        gc.set_threshold(10, 1, 1)
        kept = [[object()] for _ in range(20_000)]
        assert 2 in collections
        assert kept
        assert gc.get_freeze_count() > 0

    assert in_worker(allocate) == 0


def test_collections_at_the_end_of_the_session_leave_them_alone() -> None:
    def end() -> None:
        gc.freeze()
        with frozen_until_searched():
            gc.callbacks.clear()
        gc.collect()
        gc.get_objects()
        assert gc.get_freeze_count() > 0

    assert in_fork(end) == 0
