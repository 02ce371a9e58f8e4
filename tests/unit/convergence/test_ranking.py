from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from pytest_parallel_agents.causes import Cause
from pytest_parallel_agents.convergence.causes import MOST_EVIDENCE
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.convergence.gathering import evidence_paths, gather
from pytest_parallel_agents.convergence.ranking import rank
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Evidence, Finding, Frame, Level, Outcome, Result

CART = "src/cart.py"
SOURCES = {
    CART: "def total():\n    a\n    b\n\ndef tax():\n    c\n\ndef print_all():\n    d\n",
    "pyproject.toml": "[project]\n",
}


def result(kind: str, name: str, outcome: Outcome = Outcome.PASSED, message: str = "", **evidence: object) -> Result:
    return Result(
        check=Check(index=0, nodeid=f"t.py::{name}", kind=kind, name=name),
        outcome=outcome,
        message=message,
        evidence=Evidence(**evidence),  # type: ignore[arg-type]
    )


def review(*findings: Finding, name: str = "mypy") -> Result:
    return result("review", name, Outcome.FAILED, findings=findings)


def finding(line: int | None, level: Level = Level.ERROR, *, path: str | None = CART, message: str = "bad") -> Finding:
    return Finding(rule="rule", level=level, message=message, path=path, line=line)


def failing_test(*lines: int, outcome: Outcome = Outcome.FAILED, path: str = CART, message: str = "KeyError") -> Result:
    frames = (Frame("t.py", 3), *(Frame(path, line) for line in lines))
    return result("test", "test_total", outcome, message, frames=frames)


def profile(outcome: Outcome = Outcome.PASSED, **seconds: float) -> Result:
    lines = {"total": 1, "tax": 5, "print_all": 8, "module": 1}
    spots = tuple(
        HotSpot(
            path=CART,
            line=lines[name],
            function="<module>" if name == "module" else name,
            calls=1,
            self_seconds=value,
            cumulative_seconds=value,
        )
        for name, value in seconds.items()
    )
    measured = Measurement(name="", calls=1, cpu_seconds=1, wall_seconds=1, peak_bytes=None, hot_spots=spots)
    return result("profile", "test_speed", outcome, measurements=(measured,))


def ranked(*results: Result, sources: dict[str, str] = SOURCES, **given: Any) -> tuple[Cause, ...]:
    return rank(gather(results, sources, Measured(), **given))


def places(causes: tuple[Cause, ...]) -> list[tuple[str, int]]:
    return [(cause.function or cause.path, cause.rank_group) for cause in causes]


def phrases(cause: Cause) -> list[str]:
    return [clue.what for clue in cause.evidence]


def test_no_evidence_makes_no_cause() -> None:
    assert ranked(result("test", "test_ok")) == ()


def test_the_function_on_which_three_kinds_agree_comes_first() -> None:
    causes = ranked(
        review(finding(6), finding(6, message="again"), finding(2)), failing_test(9, 2), profile(total=31, tax=69)
    )

    assert places(causes) == [("total", 1), ("print_all", 2), ("tax", 3)]
    assert causes[0].kinds == ("profile", "review", "test")
    assert phrases(causes[0]) == [
        "test_total failed here: KeyError",
        "mypy: bad [rule]",
        "31% of self time in test_speed",
        "test_total names it: total",
    ]
    assert phrases(causes[1]) == ["test_total failed 1 call below: KeyError"]


def test_a_cause_names_the_function_and_the_lines_of_its_clues() -> None:
    [cause] = ranked(review(finding(3), finding(2, Level.NOTE)))

    assert (cause.path, cause.function, cause.line, cause.end_line) == (CART, "total", 1, 3)
    assert [(line.line, line.score) for line in cause.lines] == [(3, 1.0), (2, 0.2)]
    assert cause.members == (f"{CART}::total",)


def test_at_equal_kinds_the_graver_finding_comes_first() -> None:
    warnings = [finding(2, Level.WARNING), finding(3, Level.WARNING)]

    assert places(ranked(review(*warnings, finding(6)))) == [("tax", 1), ("total", 2)]


def test_where_a_check_failed_comes_before_what_tools_found() -> None:
    findings = review(*(finding(line) for line in (1, 2, 3)))
    assert [cause.function for cause in ranked(findings, failing_test(6))] == ["tax", "total"]


@pytest.mark.parametrize(
    "message", ["`os` imported but unused", "Local variable `x` is assigned to but never used", '"x" is not accessed']
)
def test_what_is_unused_comes_last_whatever_agrees(message: str) -> None:
    unused = review(finding(6, message=message), finding(5, message=message))
    found = ranked(unused, profile(tax=9.0, total=1.0), failing_test(2), review(finding(8, Level.WARNING), name="ty"))
    assert [cause.function for cause in found] == ["total", "print_all", "tax"]


def test_many_findings_outrank_one_of_the_same_level_but_never_a_stronger_clue() -> None:
    many = [finding(9, Level.NOTE, message=str(number)) for number in range(100)]

    causes = ranked(review(*many, finding(6, Level.NOTE), finding(2, Level.WARNING)))

    assert places(causes) == [("total", 1), ("print_all", 2), ("tax", 3)]


def test_equal_evidence_shares_a_rank_group() -> None:
    causes = ranked(review(finding(6), finding(2), finding(9, Level.NOTE)))

    assert places(causes) == [("total", 1), ("tax", 1), ("print_all", 2)]
    assert causes[0].members == causes[1].members == (f"{CART}::total", f"{CART}::tax")


def test_at_equal_evidence_a_function_ranks_above_a_file_or_module() -> None:
    causes = ranked(review(finding(1, path="pyproject.toml"), finding(4), finding(6)))

    assert places(causes) == [("tax", 1), ("pyproject.toml", 2), ("<module>", 2)]
    assert "pyproject.toml" in causes[1].members


def test_weight_halves_with_each_call_between_the_function_and_the_failure() -> None:
    causes = ranked(failing_test(9, 6, 2))

    assert [(cause.function, cause.evidence[0].weight) for cause in causes] == [
        ("total", 1.0),
        ("tax", 0.5),
        ("print_all", 0.25),
    ]


def test_a_recursive_function_counts_by_its_frame_nearest_to_the_failure() -> None:
    [cause] = ranked(failing_test(2, 3, 2))

    assert [(clue.weight, clue.line) for clue in cause.evidence][:1] == [(1.0, 2)]


def test_a_test_is_under_suspicion_only_if_nothing_of_the_project_is() -> None:
    assert [cause.path for cause in ranked(failing_test(5, path="t.py"))] == ["t.py"]
    assert [cause.path for cause in ranked(failing_test(6))] == [CART]


def test_a_check_that_failed_in_its_own_file_comes_before_what_tools_found() -> None:
    causes = ranked(review(finding(6)), failing_test(message="assert 1 == 2"))

    assert places(causes) == [("<module>", 1), ("tax", 2)]
    assert phrases(causes[0]) == ["test_total failed here: assert 1 == 2"]
    assert [line.line for line in causes[0].lines] == [3]


def test_few_places_in_tests_are_causes() -> None:
    failures = [
        result("test", f"test_{n}", Outcome.FAILED, frames=(Frame(f"test_{n}.py", 1),), exception=f"E{n}")
        for n in range(5)
    ]

    assert [cause.path for cause in ranked(review(finding(6)), *failures)] == ["test_0.py", "test_1.py", CART]


def test_a_check_that_points_elsewhere_or_judges_the_others_is_no_place_to_look() -> None:
    elsewhere = failing_test(2)
    gate = result("test", "test_gate", Outcome.FAILED, frames=(Frame("t.py", 9),))

    causes = ranked(review(finding(6)), elsewhere, gate, gates={"t.py::test_gate"})
    assert places(causes) == [("total", 1), ("tax", 2)]


@pytest.mark.parametrize("outcome", [Outcome.XFAILED, Outcome.SKIPPED, Outcome.CANCELLED, Outcome.PASSED])
def test_frames_of_a_check_that_did_not_end_badly_do_not_count(outcome: Outcome) -> None:
    assert ranked(failing_test(2, outcome=outcome)) == ()


@pytest.mark.parametrize(("outcome", "verb"), [(Outcome.TIMED_OUT, "hung"), (Outcome.CRASHED, "crashed")])
def test_the_phrase_tells_how_the_check_ended(outcome: Outcome, verb: str) -> None:
    [cause] = ranked(failing_test(2, outcome=outcome, message=""))

    assert phrases(cause)[0] == f"test_total {verb} here"


def test_hot_spots_of_a_passed_profile_only_corroborate() -> None:
    assert ranked(profile(total=1)) == ()
    assert [cause.kinds for cause in ranked(profile(total=1), review(finding(2)))] == [("profile", "review")]


def test_hot_spots_of_a_failed_profile_are_complaints() -> None:
    causes = ranked(profile(Outcome.FAILED, total=0.75, tax=0.2, print_all=0.05))

    assert places(causes) == [("total", 1), ("tax", 2)]


def test_a_hot_spot_of_module_code_is_not_the_function_in_line_one() -> None:
    [cause] = ranked(profile(Outcome.FAILED, module=1))

    assert cause.function == "<module>"


def test_a_profile_that_took_no_time_has_no_hot_spots() -> None:
    assert ranked(profile(Outcome.FAILED, total=0)) == ()


def test_findings_without_a_path_make_no_cause() -> None:
    assert ranked(review(finding(None, path=None))) == ()


def test_long_and_multi_line_messages_become_one_short_phrase() -> None:
    [cause] = ranked(review(finding(2, message="\n  first \nsecond"), finding(2, message="x" * 1000)))

    assert "mypy: first [rule]" in phrases(cause)
    assert max(map(len, phrases(cause))) < 250


def test_evidence_is_bounded_but_keeps_every_kind() -> None:
    many = [finding(2, message=str(number)) for number in range(50)]

    [cause] = ranked(review(*many), profile(total=1, tax=8))

    assert len(cause.evidence) == MOST_EVIDENCE
    assert {clue.kind for clue in cause.evidence} == {"review", "profile"}


def test_the_order_does_not_depend_on_the_order_of_results() -> None:
    results = [review(finding(2), finding(6), name=name) for name in "abc"]
    results += [failing_test(9, 2), profile(total=1, print_all=1)]
    expected = ranked(*results)

    assert {ranked(*shuffled) for shuffled in permutations(results)} == {expected}


def test_evidence_paths_names_each_file_once() -> None:
    results = [review(finding(2), finding(None, path=None)), failing_test(2), profile(total=1)]

    assert evidence_paths(results, Measured()) == {CART, "t.py"}


def test_what_two_checks_found_together_is_one_clue() -> None:
    alone = ranked(review(finding(2, message="no")))
    together = ranked(review(finding(2, message="no")), review(finding(2, Level.WARNING, message="nay"), name="ty"))

    (cause,) = together
    assert phrases(cause) == ["mypy + ty: no [rule]; nay [rule]"]
    assert (cause.score, cause.lines, cause.evidence[0].level) == (alone[0].score, alone[0].lines, Level.ERROR)
    assert cause.evidence[0].check == "t.py::mypy"


def test_kinds_that_found_the_same_still_agree() -> None:
    other = result("license", "audit", findings=(finding(2),))

    (cause,) = ranked(review(finding(2)), other)

    assert cause.kinds == ("license", "review")
    assert phrases(cause) == ["audit: bad [rule]", "mypy: bad [rule]"]


def test_what_is_known_is_not_told_together_with_what_is_new() -> None:
    known = Finding(rule="rule", level=Level.ERROR, message="old", path=CART, line=2, fingerprint="known")
    results = [review(known), review(finding(2, message="new"), name="ty")]

    (cause,) = ranked(*results, known={"known"})

    assert phrases(cause) == ["mypy: old [rule]", "ty: new [rule]"]
