from __future__ import annotations

import math
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.causes import Cause
from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.kinds import KINDS
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions, Weight
from pytest_parallel_agents.convergence.outlines import outline
from pytest_parallel_agents.convergence.ranking import explain, rank
from pytest_parallel_agents.model.results import Finding, Frame, Level, Outcome
from tests.unit.convergence.spectra import CART, RATE, TAX, TOTAL, check, passed, run


def points(cause: Cause) -> dict[str, float]:
    return {addend.kind: addend.points for addend in cause.addends}


def test_what_failing_checks_execute_and_passing_ones_do_not_comes_first() -> None:
    causes = rank(run(check("a", *TOTAL, *TAX), check("b", *TAX), passed("c", *TOTAL)))

    assert [(cause.function, cause.rank_group) for cause in causes] == [("tax", 1), ("total", 2)]
    assert points(causes[0])["coverage"] == 1.0
    assert points(causes[1])["coverage"] == pytest.approx(1 / math.sqrt(2 * 2))
    assert causes[0].evidence[0].what == "executed by 2 of 2 that failed, 0 of 1 that passed"
    assert len(causes[0].failures) == 2


def test_a_function_is_as_suspicious_as_its_most_suspicious_statement() -> None:
    [cause] = rank(run(check("a", 2, 3, 4, 5), passed("b", 2, 3, 5), passed("c", 2, 3, 5)))

    assert points(cause)["coverage"] == 1.0
    assert [(line.line, line.rank_group) for line in cause.lines] == [(4, 1), (2, 2), (3, 2), (5, 3)]


def test_executing_a_definition_executes_nothing_of_it() -> None:
    causes = rank(run(check("a", 1, 7, 14), passed("b", 2)))

    assert [cause.function for cause in causes] == ["rate", "<module>"]


def test_a_modules_own_code_has_run_before_and_counts_by_who_imports_it() -> None:
    importing = {"tests/test_shop.py": (CART, "src/other.py"), "tests/test_more.py": ("src/other.py",)}
    other = msgspec.structs.replace(passed("b", *TAX), nodeid="tests/test_more.py::b")
    causes = rank(msgspec.structs.replace(run(check("a", *TAX), other), imports=importing))

    assert [(cause.path, cause.function, cause.score) for cause in causes[1:]] == [
        (CART, "<module>", 0.25),
        ("src/other.py", "<module>", pytest.approx(0.25 / math.sqrt(2), abs=1e-6)),
    ]
    assert causes[1].evidence[0].what == "imported by 1 of 1 that failed, 0 of 1 that passed"


def test_of_checks_of_which_nothing_is_known_words_choose_among_what_their_files_import() -> None:
    importing = {"tests/test_shop.py": (CART,)}
    causes = rank(msgspec.structs.replace(run(check("test_tax")), imports=importing))

    assert [(cause.function, points(cause)) for cause in causes] == [("tax", {"words": 1.0})]


def test_what_is_only_imported_comes_after_what_ran() -> None:
    importing = {"tests/test_shop.py": (CART,)}
    only_imports = msgspec.structs.replace(check("a"), spectrum={"tests/test_shop.py": (1,)})
    causes = rank(msgspec.structs.replace(run(only_imports, check("b", frames=(14,))), imports=importing))

    assert [cause.function for cause in causes] == ["rate", "<module>"]


def test_the_innermost_frame_counts_most_and_half_of_it_what_only_raised_again() -> None:
    causes = rank(run(check("a", frames=(11, 9, 14))))
    assert {cause.function: points(cause)["traceback"] for cause in causes} == {"rate": 1.0, "tax": 0.5}

    [cause] = rank(run(check("a", frames=(11,))))
    assert points(cause)["traceback"] == 0.5


def test_what_handles_an_exception_counts_half() -> None:
    source = "def parse():\n    try:\n        read()\n    except E:\n        fail()\n\ndef fail():\n    raise V\n"
    failed = msgspec.structs.replace(check("a"), frames=(Frame("p.py", 5), Frame("p.py", 8)))
    causes = rank(RunEvidence(checks=(failed,), outlines={"p.py": outline("p.py", source)}))

    assert {cause.function: points(cause)["traceback"] for cause in causes} == {"fail": 0.5, "parse": 0.5}


def test_what_raises_on_purpose_counts_half() -> None:
    source = "def read():\n    return 1 / 0\n\ndef check():\n    raise V\n"
    broke = msgspec.structs.replace(check("a", exception="ZeroDivisionError"), frames=(Frame("p.py", 2),))
    noticed = msgspec.structs.replace(check("b", exception="V"), frames=(Frame("p.py", 5),))
    causes = rank(RunEvidence(checks=(broke, noticed), outlines={"p.py": outline("p.py", source)}))

    assert [(cause.function, points(cause)["traceback"]) for cause in causes] == [("read", 1.0), ("check", 0.5)]


def test_a_frame_counts_by_the_square_of_the_coverage() -> None:
    failed = check("a", *TOTAL, *TAX, *RATE, frames=(9, 14))
    causes = rank(run(failed, *(passed(f"p{number}", *TAX, *RATE) for number in range(3))))

    assert [cause.function for cause in causes] == ["total", "rate", "tax"]
    assert {cause.function: points(cause).get("traceback", 0.0) for cause in causes} == {
        "total": 0.0,
        "tax": 0.5 * 0.5**2,
        "rate": 1.0 * 0.5**2,
    }


def test_samples_count_by_the_square_of_the_coverage() -> None:
    hung = check("a", *TOTAL, *RATE, outcome=Outcome.TIMED_OUT, samples={3: 20, 14: 80})
    causes = rank(run(hung, *(passed(f"p{number}", *RATE) for number in range(3))))

    assert [(cause.function, points(cause)["samples"]) for cause in causes] == [("total", 0.2), ("rate", 0.8 * 0.5**2)]


def test_a_word_counts_the_less_the_more_passing_tests_have_it() -> None:
    failed = check("test_tax_rate", *TAX, *RATE)
    causes = rank(run(failed, passed("test_tax_a", *TOTAL), passed("test_total", *TOTAL)))

    assert {cause.function: points(cause)["words"] for cause in causes} == {"rate": 1.0, "tax": (1 - 0.5) ** 3}


def test_an_inner_function_has_the_words_of_those_around_it() -> None:
    source = "def once(f):\n    def inner():\n        return f()\n    return inner\n"
    failed = check("test_once", 2, 3, 4)
    evidence = msgspec.structs.replace(run(failed), outlines={CART: outline(CART, source)})

    assert {cause.function: points(cause)["words"] for cause in rank(evidence)} == {"once": 1.0, "once.inner": 1.0}


def test_a_check_that_hung_counts_by_where_it_spent_its_time() -> None:
    causes = rank(run(check("a", outcome=Outcome.TIMED_OUT, samples={3: 60, 4: 30, 14: 10}, frames=(14,))))

    assert {cause.function: points(cause) for cause in causes} == {
        "total": {"samples": 0.9},
        "rate": {"samples": 0.1},
    }
    assert causes[0].evidence[0].what == "a hung; 90% of its time is spent here"
    assert causes[0].lines[0].line == 3


def test_words_of_the_test_tell_apart_what_it_executes() -> None:
    causes = rank(run(check("test_tax_of_nothing", *TOTAL, *TAX)))

    assert [cause.function for cause in causes] == ["tax", "total"]
    assert points(causes[0])["words"] == 1.0
    assert causes[0].evidence[-1].what == "test_tax_of_nothing names it: tax"
    assert causes[0].agreeing == ("coverage", "words")
    assert causes[0].confidence == 2


def test_young_and_changed_code_is_likelier() -> None:
    failed = check("a", *TOTAL, *TAX, *RATE)
    old = rank(run(failed, ages={2: 300.0, 8: 30.0}))
    assert [(cause.function, points(cause).get("age")) for cause in old[:2]] == [
        ("tax", 0.5),
        ("total", pytest.approx(2**-10, abs=1e-6)),
    ]

    assert next(cause.function for cause in rank(run(failed, changed=(14,)))) == "rate"


def test_errors_of_tools_only_break_ties() -> None:
    error = Finding(rule="r", level=Level.ERROR, message="bad", path=CART, line=14)
    tool = CheckEvidence(nodeid="p::mypy", kind="review", name="mypy", outcome=Outcome.FAILED, findings=(error,))
    tied = rank(run(check("a", *TOTAL, *RATE), tool))
    assert [cause.function for cause in tied] == ["rate", "total"]
    assert tied[0].kinds == ("review", "test")

    stronger = rank(run(check("a", *TOTAL, *RATE), passed("b", *RATE), tool))
    assert [cause.function for cause in stronger] == ["total", "rate"]


def test_an_error_in_the_statement_in_which_a_check_fails_is_a_witness() -> None:
    error = Finding(rule="r", level=Level.ERROR, message="bad", path=CART, line=14)
    tool = CheckEvidence(nodeid="p::mypy", kind="review", name="mypy", outcome=Outcome.FAILED, findings=(error,))
    causes = rank(run(check("a", *TAX, *RATE, frames=(9, 14)), tool, passed("b", *RATE)))

    assert [(cause.function, points(cause).get("findings")) for cause in causes] == [("rate", 1.0), ("tax", None)]


def test_findings_of_a_check_that_ran_after_others_do_not_count() -> None:
    error = Finding(rule="r", level=Level.ERROR, message="bad", path=CART, line=14)
    tool = CheckEvidence(
        nodeid="p::ai", kind="review", name="ai", outcome=Outcome.FAILED, findings=(error,), waited=True
    )
    first = rank(run(check("a", *TOTAL, *RATE), tool))[0]

    assert first.agreeing == ("coverage",)
    assert first.members == (f"{CART}::total", f"{CART}::rate")


def test_tests_and_helpers_are_no_causes_while_the_project_is_under_suspicion() -> None:
    helper = msgspec.structs.replace(check("a"), spectrum={"tests/helpers.py": (1,), "tests/test_shop.py": (2,)})
    assert [cause.path for cause in rank(run(helper))] == ["tests/helpers.py"]

    both = msgspec.structs.replace(helper, spectrum={**(helper.spectrum or {}), CART: TOTAL})
    assert [cause.path for cause in rank(run(both))] == [CART]

    alone = msgspec.structs.replace(check("test_shop"), spectrum={"tests/test_shop.py": (2,)})
    assert [(cause.path, cause.confidence) for cause in rank(run(alone))] == [("tests/test_shop.py", 0)]

    ranking = explain(run(helper, check("b", *RATE)))
    assert [cause.path for cause in ranking.causes] == [CART]
    assert [each.why for each in ranking.unexplained] == ["no code of the project ran in it"]


def test_what_was_not_measured_goes_with_what_ended_like_it() -> None:
    unmeasured = [check("b"), check("c", exception="KeyError", frames=(14,))]
    ranking = explain(run(check("a", *TOTAL), *unmeasured))

    assert [(cause.function, len(cause.failures)) for cause in ranking.causes] == [("total", 2), ("rate", 1)]
    assert ranking.unexplained == ()


def test_many_failures_of_one_fault_are_one_cause() -> None:
    causes = rank(run(*(check(f"t{number}", *TAX) for number in range(300)), passed("p", *TOTAL)))

    assert [(cause.function, len(cause.failures), cause.cluster) for cause in causes] == [("tax", 300, 1)]


def test_two_faults_are_the_first_two_causes() -> None:
    of_total = [check(f"total{number}", *TOTAL, exception="KeyError", frames=(4,)) for number in range(5)]
    of_rate = [check(f"rate{number}", *RATE) for number in range(2)]
    causes = rank(run(*of_total, *of_rate, passed("p", *TAX)))

    assert [(cause.function, len(cause.failures)) for cause in causes[:2]] == [("total", 5), ("rate", 2)]
    assert [cause.rank_group for cause in causes[:2]] == [1, 2]


def test_after_the_largest_fault_the_one_comes_that_explains_most() -> None:
    large = [check(f"a{number}", *TAX) for number in range(6)]
    vague = [check(f"b{number}", *TOTAL) for number in range(3)]
    clear = [check(f"rate{number}", *RATE, exception="KeyError", frames=(14,)) for number in range(2)]
    causes = rank(run(*large, *vague, *clear, *(passed(f"p{number}", *TOTAL) for number in range(9))))

    assert [(cause.function, len(cause.failures)) for cause in causes] == [("tax", 6), ("rate", 2), ("total", 3)]


def test_failures_of_one_exception_are_split_where_their_spectra_differ() -> None:
    both = [check("total", *TOTAL), check("rate", *RATE)]
    apart = rank(run(*both, *(passed(f"p{number}", *TAX) for number in range(3))))

    assert {cause.failures for cause in apart} == {(both[0].nodeid,), (both[1].nodeid,)}


def test_failures_with_the_same_likeliest_function_are_one_whatever_they_raise() -> None:
    causes = rank(run(check("a", *TAX, exception="KeyError"), check("b", *TAX, exception="ValueError")))

    assert [len(cause.failures) for cause in causes] == [2]


def test_what_nothing_explains_is_told_with_the_reason() -> None:
    alone = msgspec.structs.replace(run(check("a")), missing="--agents-root-cause=off")
    ranking = explain(alone)

    [unexplained] = ranking.unexplained
    assert unexplained.checks == ("tests/test_shop.py::a",)
    assert unexplained.why == (
        "no code of the project is on its stack, and what it executed is not known: --agents-root-cause=off"
    )
    assert [cause.path for cause in ranking.causes] == ["tests/test_shop.py"]
    assert explain(run(check("a", *TAX))).unexplained == ()


def test_another_kind_of_evidence_adds_to_the_sum_and_may_bring_others_under_suspicion() -> None:
    class Owners:
        name = "owners"
        weight = Weight(function=2.0, inherited=1.0)
        testifies = True

        def opinions(self, fault: Fault) -> Opinions:
            rate = fault.code.function(CART, 14)
            return Opinions(functions={rate: Opinion(points=1.0, what="nobody owns it", check=fault.failing[0].nodeid)})

    causes = rank(run(check("a", *TOTAL)), (*KINDS, Owners()))

    assert [(cause.function, cause.score) for cause in causes] == [("rate", 2.0), ("total", 1.0)]
    assert causes[0].evidence[0].what == "nobody owns it"


def spectra() -> st.SearchStrategy[tuple[int, ...]]:
    lines = st.sampled_from([*TOTAL, *TAX, *RATE])
    return st.lists(lines, min_size=1, unique=True).map(lambda each: tuple(sorted(each)))


@st.composite
def runs(draw: st.DrawFn) -> RunEvidence:
    failing = [
        check(f"test_{draw(st.sampled_from(['total', 'tax', 'x']))}_{number}", *spectrum, frames=frames)
        for number, (spectrum, frames) in enumerate(
            draw(st.lists(st.tuples(spectra(), st.lists(st.sampled_from(TOTAL + RATE), max_size=2)), min_size=1))
        )
    ]
    passing = [passed(f"p{number}", *each) for number, each in enumerate(draw(st.lists(spectra())))]
    return run(*failing, *passing)


@given(runs(), st.randoms())
def test_the_order_of_checks_does_not_matter(drawn: RunEvidence, random: object) -> None:
    checks = list(drawn.checks)
    random.shuffle(checks)  # type: ignore[attr-defined]

    assert rank(msgspec.structs.replace(drawn, checks=tuple(checks))) == rank(drawn)


@given(runs())
def test_every_failure_has_a_cause_and_every_score_is_the_sum_of_its_addends(drawn: RunEvidence) -> None:
    causes = rank(drawn)

    explained = {nodeid for cause in causes for nodeid in cause.failures}
    assert explained == {each.nodeid for each in drawn.checks if each.outcome.bad}
    for cause in causes:
        assert cause.score == pytest.approx(sum(each.weight * each.points for each in cause.addends), abs=1e-5)
    groups = [cause.rank_group for cause in causes]
    assert groups == sorted(groups)
    assert set(groups) == set(range(1, max(groups) + 1))


@given(runs())
def test_within_a_cluster_a_better_rank_has_a_higher_score_and_equal_scores_share_it(drawn: RunEvidence) -> None:
    causes = rank(drawn)
    for cluster in {cause.cluster for cause in causes}:
        of_one = [(cause.rank_group, -cause.score) for cause in causes if cause.cluster == cluster]
        assert of_one == sorted(of_one)
        assert len(set(of_one)) == len({group for group, _ in of_one}) == len({score for _, score in of_one})


@given(spectra(), st.lists(spectra(), max_size=4))
def test_a_passing_check_that_executes_a_function_never_makes_it_likelier(
    failing: tuple[int, ...], passing: list[tuple[int, ...]]
) -> None:
    checks = [check("a", *failing), *(passed(f"p{number}", *each) for number, each in enumerate(passing))]
    before = {cause.function: points(cause)["coverage"] for cause in rank(run(*checks))}
    after = {cause.function: points(cause)["coverage"] for cause in rank(run(*checks, passed("more", *failing)))}

    assert all(after[function] <= value for function, value in before.items())


def test_clusters_do_not_depend_on_the_order_of_checks() -> None:
    checks = [check("a", *TOTAL), check("b", *RATE), check("c", *TOTAL, *RATE), passed("p", *TAX)]

    assert len({rank(run(*ordered)) for ordered in permutations(checks)}) == 1


@pytest.mark.parametrize("path", ["shop/tests.py", "shop/test.py"])
def test_a_module_with_a_name_of_tests_is_code_unless_tests_were_collected_from_it(path: str) -> None:
    failing = msgspec.structs.replace(check("a"), spectrum={path: (1,), CART: RATE})
    evidence = run(failing, passed("b", *RATE))
    collected = msgspec.structs.replace(evidence, test_paths=evidence.test_paths | {path})

    assert {cause.path for cause in rank(evidence)} == {path, CART}
    assert [cause.path for cause in rank(collected)] == [CART]
