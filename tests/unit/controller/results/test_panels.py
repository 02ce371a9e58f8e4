from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_parallel_agents.controller.results.groups import GroupOutcomes
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.model.plan import Check, Group
from pytest_parallel_agents.model.results import Evidence, Finding, Level, Outcome
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.run_phrases import decision
from tests.unit.reports.samples import FACTS, plan

LEAK = Evidence(findings=(Finding(rule="leak", level=Level.ERROR, message="m"),))
OPEN = "undecided, 2 of 3 answered: each counts for itself"


@pytest.mark.parametrize(
    ("outcomes", "passed", "said"),
    [
        (["skipped", "skipped", "skipped"], None, "undecided, 0 of 3 answered: each counts for itself"),
        (["passed", "skipped", "error"], None, "undecided, 1 of 3 answered: each counts for itself"),
        pytest.param(["failed", "passed"], None, OPEN, id="stopped before the third"),
        (["passed", "skipped", "passed"], True, "passed, 2 of 3 answered and too few agree on anything that fails it"),
        (["failed", "passed", "failed"], False, "failed, 3 of 3 answered and agree on 1 finding"),
    ],
)
def test_only_what_is_decided_has_passed_or_failed(outcomes: Sequence[str], *, passed: bool | None, said: str) -> None:
    checks = [Check(index=index, nodeid=f"t.py::t{index}", kind="review", name=f"t{index}") for index in range(3)]
    store = ResultStore(checks)
    group = Group(name="panel", needed=None, agree=2, members=(0, 1, 2))
    groups = GroupOutcomes([group], store)
    for index, outcome in enumerate(outcomes):
        entry = store.entry(index)
        entry.outcome = Outcome(outcome)
        entry.evidence = LEAK if entry.outcome is Outcome.FAILED else Evidence()
        groups.count(index, passed=entry.outcome.good)

    results = [store.result(index) for index in range(3)]
    report = build(FACTS, plan(results), results, Located(), groups.results())

    (entered,) = report.groups
    assert entered.passed is passed
    assert (entered.decided_by is None) == (passed is None)
    assert decision(entered, report).startswith(said)
