from __future__ import annotations

import re

import pytest

from pytest_parallel_agents.controller.afterwards.measuring import Measurement
from pytest_parallel_agents.controller.afterwards.second_pass import difference, spread
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Evidence, Frame, Outcome, Result


def failed(index: int, message: str, line: int = 1, outcome: Outcome = Outcome.FAILED) -> Result:
    check = Check(index=index, nodeid=f"t.py::t{index}", kind="test", name=f"t{index}")
    return Result(check=check, outcome=outcome, message=message, evidence=Evidence(frames=(Frame("a.py", line),)))


@pytest.mark.parametrize(
    ("before", "outcome", "message", "said"),
    [
        ("assert 1 == 2", Outcome.FAILED, "assert 3 == 2", ""),
        ("AssertionError: a: b\nassert 0", Outcome.FAILED, "assert 0", ""),
        ("ValueError: 0x12", Outcome.FAILED, "ValueError: 0x99", ""),
        ("assert 1 == 2", Outcome.PASSED, "", "it passed while"),
        ("ValueError: no", Outcome.ERROR, "ValueError: no", "it ended in an error while"),
        ("ValueError: no", Outcome.TIMED_OUT, "", "it took too long while"),
        ("assert 1", Outcome.FAILED, "RecursionError: deep", "by RecursionError while.*not by an assertion"),
    ],
)
def test_a_check_that_ends_otherwise_is_found_out(before: str, outcome: Outcome, message: str, said: str) -> None:
    found = difference(failed(0, before), Measurement(outcome=outcome, message=message))
    assert (found == "") == (said == "")
    assert re.search(said, found)


def test_the_first_of_many_failures_are_as_different_as_can_be() -> None:
    alike = [failed(number, "ValueError: no") for number in range(3)]
    others = [failed(3, "KeyError: 1"), failed(4, "ValueError: no", line=9)]
    assert [each.check.index for each in spread([*alike, *others])] == [0, 3, 4, 1, 2]
    assert spread([]) == []
