from __future__ import annotations

from pytest_parallel_agents.controller.afterwards.suspects import Suspect, suspects
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Attempt, Outcome, Result


def result(index: int, outcome: Outcome, *attempts: tuple[str, float, float]) -> Result:
    made = tuple(Attempt(outcome=outcome, worker=worker, start=a, stop=b) for worker, a, b in attempts)
    return Result(check=check(index), outcome=outcome, attempts=made)


def check(index: int) -> Check:
    return Check(index=index, nodeid=f"t.py::t{index}", kind="test", name=f"t{index}")


def test_the_order_until_the_failure_is_known() -> None:
    results = [
        result(0, Outcome.FAILED, ("gw0", 5, 6)),
        result(1, Outcome.PASSED, ("gw0", 3, 4)),
        result(2, Outcome.PASSED, ("gw1", 0, 1), ("gw0", 1, 2)),
        result(3, Outcome.PASSED, ("gw0", 7, 8)),
        result(4, Outcome.ERROR, ("gw0", 2, 3)),
        result(5, Outcome.CRASHED, ("gw1", 2, 3)),
        result(6, Outcome.CANCELLED),
    ]
    assert suspects(results, lambda _check: True) == [
        Suspect(check(4), "gw0", (2,)),
        Suspect(check(0), "gw0", (2, 4, 1)),
    ]
    assert suspects(results, lambda each: each.index == 0) == [Suspect(check(0), "gw0", (2, 4, 1))]
    assert suspects(results, lambda _check: False) == []


def test_a_check_on_its_own_is_no_suspect_and_one_beside_another_is() -> None:
    first = result(0, Outcome.FAILED, ("gw0", 0, 1), ("gw0", 1, 2))
    assert suspects([first, result(1, Outcome.PASSED, ("gw0", 2, 3))], lambda _check: True) == []
    beside = result(1, Outcome.PASSED, ("gw1", 1.5, 3))
    assert suspects([first, beside], lambda _check: True) == [Suspect(check(0), "gw0", ())]
