from __future__ import annotations

import cProfile
import gc
import json
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.profiling.counting import Count
from pytest_parallel_agents.profiling.profiler import Profiler

ROOT = Path(__file__).parent
MEGABYTE = 1_000_000


def leaf() -> int:
    return 1


def branch(leaves: int) -> list[int]:
    result = []
    for _ in range(leaves):
        result.append(leaf())  # noqa: PERF401 - counted
    return result


def lose() -> None:
    leaf()
    raise LookupError


class Tree:
    def grow(self) -> None:
        branch(2)


class Ending:
    """Lets another thread return while it is called itself."""

    def __init__(self, release: threading.Event, thread: threading.Thread) -> None:
        self._release = release
        self._thread = thread

    def branch(self) -> None:
        self._release.set()
        self._thread.join()


@pytest.fixture
def told() -> list[Measurement]:
    return []


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def profile(told: list[Measurement], notes: list[str]) -> Profiler:
    def meter(name: str, memory: bool) -> Count:  # noqa: FBT001
        return Count(name=name, root=ROOT, memory=memory)

    return Profiler(name="test_speed", meter=meter, record=told.append, note=notes.append, alone=False)


def test_an_empty_block_has_no_calls(profile: Profiler) -> None:
    with profile() as run:
        pass

    assert run.calls == 0
    assert run.hot_spots == ()


def test_calls_are_exact(profile: Profiler) -> None:
    with profile() as run:
        branch(10)
        Tree().grow()

    of_leaf, of_branch, of_grow, of_append = 12, 2, 1, 12
    assert run.calls == of_leaf + of_branch + of_grow + of_append


@pytest.mark.slow
def test_calls_are_the_same_every_time(profile: Profiler) -> None:
    document = json.dumps([{"key": number} for number in range(100)])
    counts = set()
    for _ in range(5):
        with profile() as run:
            json.loads(document)
        counts.add(run.calls)

    assert len(counts) == 1


def test_hot_spots_are_functions_of_the_project(profile: Profiler) -> None:
    with profile() as run:
        json.dumps([1])
        Tree().grow()

    spots = {spot.function: spot for spot in run.hot_spots}
    assert {name: spot.calls for name, spot in spots.items()} == {"leaf": 2, "branch": 1, "Tree.grow": 1}
    assert {(spot.path, spot.line) for spot in run.hot_spots} >= {
        (Path(__file__).name, leaf.__code__.co_firstlineno),
        (Path(__file__).name, Tree.grow.__code__.co_firstlineno),
    }
    assert spots["Tree.grow"].cumulative_seconds >= spots["branch"].cumulative_seconds > 0
    own_times = [spot.self_seconds for spot in run.hot_spots]
    assert own_times == sorted(own_times, reverse=True)


def test_the_peak_counts_what_was_freed_again(profile: Profiler) -> None:
    with profile() as run:
        del_me = bytearray(MEGABYTE)
        del del_me

    assert run.peak_bytes is not None
    assert MEGABYTE <= run.peak_bytes < 1.1 * MEGABYTE


def test_the_peak_does_not_count_what_was_there_before(profile: Profiler) -> None:
    tracemalloc.start()
    before = bytearray(MEGABYTE)
    try:
        with profile() as run:
            pass
        still_tracing = tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()

    assert len(before) == MEGABYTE
    assert run.peak_bytes is not None
    assert run.peak_bytes < 0.1 * MEGABYTE
    assert still_tracing


def test_tracing_ends_with_the_block(profile: Profiler) -> None:
    with profile():
        pass

    assert not tracemalloc.is_tracing()


def test_memory_need_not_be_traced(profile: Profiler) -> None:
    with profile(memory=False) as run:
        assert not tracemalloc.is_tracing()

    assert run.peak_bytes is None


@pytest.mark.slow
def test_a_block_that_computes_takes_time(profile: Profiler) -> None:
    with profile() as run:
        sum(range(MEGABYTE))

    assert run.cpu_seconds > 0
    assert run.wall_seconds > 0


@pytest.mark.slow
def test_every_block_is_recorded_under_its_name(profile: Profiler, told: list[Measurement]) -> None:
    for name in (None, "parse", None):
        with profile(name) as run:
            pass

    assert [measurement.name for measurement in told] == ["test_speed", "parse", "test_speed 3"]
    assert told[-1] is run.measurement


def test_a_block_that_raises_is_recorded(profile: Profiler, told: list[Measurement]) -> None:
    with pytest.raises(LookupError), profile():
        lose()

    assert [measurement.calls for measurement in told] == [2]
    assert sys.getprofile() is None


def test_names_are_unique_within_a_check(profile: Profiler) -> None:
    with profile("parse"):
        pass

    with pytest.raises(ValueError, match="has a measurement named 'parse' already"):
        profile("parse")


def test_results_are_known_after_the_block_only(profile: Profiler) -> None:
    with profile() as run, pytest.raises(RuntimeError, match="known when its `with` has ended"):
        assert run.calls


def test_blocks_cannot_be_nested(profile: Profiler, told: list[Measurement]) -> None:
    with profile() as outer:
        with pytest.raises(RuntimeError, match="another profiler is active"), profile():
            pass
        leaf()

    assert [measurement.name for measurement in told] == ["test_speed"]
    assert "leaf" in {spot.function for spot in outer.hot_spots}


def test_another_profiler_is_refused(profile: Profiler) -> None:
    with cProfile.Profile(), pytest.raises(RuntimeError, match="another profiler is active"), profile():
        pass


def test_a_block_that_takes_too_much_fails(profile: Profiler, told: list[Measurement]) -> None:
    with pytest.raises(pytest.fail.Exception) as failure, profile("grow", max_calls=3):
        branch(10)

    assert "grow: calls 21, budget 3, 600% over\nhottest functions, by calls:\n" in str(failure.value)
    assert failure.value.pytrace is False
    assert [measurement.calls for measurement in told] == [21]


def test_a_block_that_raises_is_not_judged(profile: Profiler) -> None:
    with pytest.raises(LookupError), profile(max_calls=0):
        lose()


def test_seconds_are_judged_only_alone(profile: Profiler) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"max_seconds needs .* alone=True"):
        profile(max_seconds=1)


def test_a_peak_is_not_judged_untraced(profile: Profiler) -> None:
    with pytest.raises(ValueError, match="drop memory=False"):
        profile(memory=False, max_peak=1)


@pytest.mark.slow
def test_an_import_in_a_block_is_noted(profile: Profiler, notes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    for _ in range(2):
        with profile():
            import colorsys  # noqa: F401

    assert len(notes) == 1
    assert notes[0].startswith("test_speed measured the import of colorsys, ")


class Knot:
    def __init__(self) -> None:
        self.self = self

    def __del__(self) -> None:
        pass


def tie(knots: int) -> None:
    for _ in range(8):
        [Knot() for _ in range(knots)]


@pytest.mark.slow
def test_finalizers_of_all_garbage_are_calls(profile: Profiler) -> None:
    tie(10)  # before: none of the block's
    for knots in (10, 1000):
        with profile(memory=False) as run:
            tie(knots)

        assert {spot.function: spot.calls for spot in run.hot_spots}["Knot.__del__"] == 8 * knots
    assert gc.isenabled()


def test_other_threads_are_not_counted(profile: Profiler) -> None:
    stop = threading.Event()

    def chatter() -> None:
        while not stop.is_set():
            leaf()

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        with profile(memory=False) as run:
            for _ in range(100):
                branch(100)
    finally:
        stop.set()
        thread.join()

    of_leaf, of_branch, of_append = 10_000, 100, 10_000
    assert run.calls == of_leaf + of_branch + of_append
    assert {spot.function: spot.calls for spot in run.hot_spots} == {"leaf": of_leaf, "branch": of_branch}
    assert sys.getprofile() is None


def test_a_call_that_another_thread_ends_within_the_block_takes_none_away(profile: Profiler) -> None:
    began, release = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        release.wait()

    thread = threading.Thread(target=wait)
    thread.start()
    began.wait()
    with profile(memory=False) as run:
        Ending(release, thread).branch()

    assert {spot.function: spot.calls for spot in run.hot_spots}["Ending.branch"] == 1


def test_threads_of_the_block_are_not_counted(profile: Profiler) -> None:
    with profile(memory=False) as run:
        thread = threading.Thread(target=branch, args=[1000])
        thread.start()
        thread.join()

    assert "branch" not in {spot.function for spot in run.hot_spots}
    assert run.calls < 1000


def test_callbacks_of_the_collector_are_not_counted(profile: Profiler) -> None:
    def watch(*_: object) -> None:
        leaf()

    gc.callbacks.append(watch)
    try:
        with profile() as run:
            pass
        assert watch in gc.callbacks
    finally:
        gc.callbacks.remove(watch)

    assert run.calls == 0
