from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_parallel_agents.collection.retries import Retrying, retrying_of, set_retrying


def report(when: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="x",
        location=("x", 0, "x"),
        keywords={},
        outcome="failed",
        longrepr="no",
        when=when,  # type: ignore[arg-type]
    )


def test_pauses_double_up_to_a_minute() -> None:
    retrying = Retrying(pause=1.5)

    assert [retrying.pause_after(attempts) for attempts in (1, 2, 3, 7, 5000)] == [1.5, 3.0, 6.0, 60.0, 60.0]
    assert [Retrying(pause=90.0).pause_after(attempts) for attempts in (1, 2)] == [90.0, 90.0]
    assert Retrying().pause_after(3) == 0.0


def test_a_pause_that_a_service_names_counts_instead_up_to_a_limit() -> None:
    assert [Retrying(pause=9.0, named=2.5).pause_after(attempts) for attempts in (1, 5)] == [2.5, 2.5]
    assert Retrying(pause=9.0, named=0.0).pause_after(1) == 0.0
    assert Retrying(named=86400.0).pause_after(1) == 300.0


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_a_judgement_is_the_last_one_where_only_what_broke_is_tried_again(when: str) -> None:
    assert Retrying().concerns(report(when))
    assert Retrying(broken_only=True).concerns(report(when)) == (when == "setup")


def test_every_failure_is_tried_again_at_once_by_default(item_of: Callable[[str], pytest.Item]) -> None:
    item = item_of("def test_it(): pass")
    assert retrying_of(item) == Retrying(pause=0.0, broken_only=False)

    set_retrying(item, Retrying(pause=2.0))

    assert retrying_of(item) == Retrying(pause=2.0)
