from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from time import sleep
from types import SimpleNamespace

import pytest

from pytest_parallel_agents.runtest import stack_samples
from pytest_parallel_agents.runtest.stack_samples import sample_stacks


class Loop:
    """Calls, in a thread, what waits for a moment, until it is over."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.calls = 0

    def run(self) -> None:
        while not self.is_over.is_set():
            self.call()

    def call(self) -> None:
        self.calls += 1
        self.is_over.wait(0.001)

    def calls_again(self) -> bool:
        """Returns when it has, however long a busy machine takes for that."""
        before = self.calls
        while self.calls == before:
            sleep(0.001)
        return True


@contextmanager
def running(loop: Loop) -> Iterator[int]:
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        assert thread.ident is not None
        yield thread.ident
    finally:
        loop.is_over.set()
        thread.join()


def place(name: str) -> str | None:
    return "this" if name == __file__ else None


def test_the_frame_that_does_not_return_is_told_from_what_it_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_samples, "time", SimpleNamespace(monotonic=partial(next, count()), sleep=sleep))
    loop = Loop()
    with running(loop) as thread:
        found = sample_stacks(thread, 5.0, place, loop.calls_again)
    assert found is not None
    assert found.lasting == 1
    assert {path for frames in found.stacks for path, _ in frames} == {"this"}
    assert sum(found.stacks.values()) == 5
    first = Loop.run.__code__.co_firstlineno
    assert {frames[0][1] for frames in found.stacks} <= {first + 1, first + 2}


def test_what_ends_before_has_no_samples() -> None:
    loop = Loop()
    with running(loop) as thread:
        assert sample_stacks(thread, 60.0, place, lambda: loop.calls < 5) is None


def test_a_thread_that_is_gone_has_no_frames() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    assert thread.ident is not None
    found = sample_stacks(thread.ident, 0.0, lambda _: None, lambda: True)
    assert found is not None
    assert dict(found.stacks) == {(): 1}
