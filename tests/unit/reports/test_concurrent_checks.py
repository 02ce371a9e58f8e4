from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.model.results import Outcome, Result
from pytest_parallel_agents.reports.concurrent_checks import ConcurrentChecks

from .samples import attempt, check


def ran(*spans: tuple[float, float]) -> list[Result]:
    return [
        Result(check=check(index, f"t.py::test_{index}"), outcome=Outcome.PASSED, attempts=(attempt(*span),))
        for index, span in enumerate(spans)
    ]


def test_only_those_that_ran_meanwhile_count() -> None:
    results = ran((0, 10), (1, 2), (9, 12), (10, 11), (12, 13))
    concurrent_checks = ConcurrentChecks(results)
    assert [concurrent_checks.count(result) for result in results] == [2, 1, 2, 1, 0]


def test_a_check_that_never_ran_has_none() -> None:
    idle = Result(check=check(9, "t.py::test_9"), outcome=Outcome.CANCELLED)
    assert ConcurrentChecks([*ran((0, 1)), idle]).count(idle) == 0


def test_an_earlier_attempt_counts_for_the_others_only() -> None:
    retried = Result(
        check=check(7, "t.py::test_7"), outcome=Outcome.PASSED, attempts=(attempt(0, 4), attempt(5, 6, "gw1"))
    )
    [early] = ran((1, 2))
    concurrent_checks = ConcurrentChecks([early, retried])
    assert (concurrent_checks.count(early), concurrent_checks.count(retried)) == (1, 0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=20))
def test_it_counts_overlaps(spans: list[tuple[int, int]]) -> None:
    results = ran(*((start, start + length) for start, length in spans))
    concurrent_checks = ConcurrentChecks(results)
    for one in results:
        assert one.last
        expected = sum(
            other is not one and other.last.start < one.last.stop and one.last.start < other.last.stop
            for other in results
            if other.last
        )
        assert concurrent_checks.count(one) == expected
