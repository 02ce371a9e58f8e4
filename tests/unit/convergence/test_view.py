from __future__ import annotations

import msgspec
import pytest

from pytest_parallel_agents.causes import Cause, Ranking, Unexplained
from pytest_parallel_agents.convergence.view import Convergence
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Evidence, Finding, Level, Outcome, Result


def result(name: str, outcome: Outcome, *levels: Level) -> Result:
    findings = tuple(Finding(rule="r", level=level, message=name) for level in levels)
    check = Check(index=0, nodeid=name, kind="review", name=name)
    return Result(check=check, outcome=outcome, evidence=Evidence(findings=findings))


def cause(*kinds: str, agreeing: tuple[str, ...] = ()) -> Cause:
    return Cause(
        path="a.py",
        function="f",
        line=1,
        end_line=2,
        lines=(),
        score=1.0,
        rank_group=1,
        kinds=kinds,
        members=("a.py::f",),
        evidence=(),
        agreeing=agreeing,
    )


def test_causes_are_selected_by_how_many_kinds_agree() -> None:
    causes = [cause("review", "test"), cause("review")]
    convergence = Convergence([], Ranking(causes=tuple(causes)))

    assert convergence.causes() == tuple(causes)
    assert convergence.causes(min_kinds=2) == tuple(causes[:1])


def test_findings_are_selected_by_level_and_graver() -> None:
    results = [
        result("a", Outcome.PASSED, Level.NOTE, Level.ERROR),
        result("b", Outcome.FAILED, Level.WARNING),
    ]
    convergence = Convergence(results, Ranking())

    assert [each.level for each in convergence.findings()] == [Level.NOTE, Level.ERROR, Level.WARNING]
    assert [each.level for each in convergence.findings("warning")] == [Level.ERROR, Level.WARNING]
    assert [each.message for each in convergence.findings(Level.ERROR)] == ["a"]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="fatal"):
        Convergence([], Ranking()).findings("fatal")


def test_failed_are_the_results_that_fail_the_run() -> None:
    results = [result("a", Outcome.PASSED), result("b", Outcome.TIMED_OUT), result("c", Outcome.XFAILED)]

    assert [each.check.name for each in Convergence(results, Ranking()).failed()] == ["b"]


def test_causes_are_selected_by_how_many_kinds_of_evidence_agree() -> None:
    causes = (cause("test", agreeing=("coverage", "words")), cause("test", agreeing=("coverage",)))

    assert Convergence([], Ranking(causes=causes)).causes(min_confidence=2) == causes[:1]


def test_outcomes_measurements_and_what_is_not_explained() -> None:
    measured = Measurement(name="", calls=1, cpu_seconds=1, wall_seconds=1, peak_bytes=None)
    speed = msgspec.structs.replace(result("speed", Outcome.FAILED), evidence=Evidence(measurements=(measured,)))
    unexplained = (Unexplained(checks=("speed",), why="nobody knows"),)
    convergence = Convergence([result("a", Outcome.PASSED), speed], Ranking(unexplained=unexplained))

    assert convergence.outcomes() == {"a": Outcome.PASSED, "speed": Outcome.FAILED}
    assert convergence.measurements() == {"speed": (measured,)}
    assert convergence.unexplained() == unexplained
