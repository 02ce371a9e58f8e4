from __future__ import annotations

from pytest_parallel_agents.convergence.clusters import families
from pytest_parallel_agents.convergence.code import Code
from pytest_parallel_agents.convergence.evidence import CheckEvidence
from pytest_parallel_agents.convergence.fault import Scene
from pytest_parallel_agents.convergence.ranking import rank
from tests.unit.convergence.spectra import RATE, TAX, TOTAL, check, passed, run


def grouped(*checks: CheckEvidence) -> list[list[str]]:
    """The names of the failing checks by family."""
    evidence = run(*checks)
    scene = Scene(evidence, Code(evidence.outlines, evidence.test_paths))
    found = families([each for each in checks if each.outcome.bad], scene)
    return [[each.name for each in family] for family in found]


def test_failures_that_differ_in_how_they_end_may_be_of_one_fault() -> None:
    failing = [check(f"t{number}", *TOTAL) for number in range(3)]
    raising = [check(f"u{number}", *TOTAL, exception="KeyError", frames=(4,)) for number in range(2)]

    assert grouped(*failing, *raising, passed("p", *TAX)) == [["t0", "t1", "t2", "u0", "u1"]]


def test_failures_that_were_not_measured_and_differ_in_how_they_end_are_apart() -> None:
    failing = [check("t", frames=(4,)), check("u", frames=(4,)), check("v", exception="KeyError", frames=(14,))]

    assert grouped(*failing, passed("p", *TAX)) == [["t", "u"], ["v"]]


def test_what_one_statement_explains_is_no_second_fault() -> None:
    """Each failure executes a line of its own, too, which would explain it better, but not by what naming it costs."""
    failing = [check("a", *TOTAL, 8), check("b", *TOTAL, 9), check("c", *TOTAL, 14)]

    assert grouped(*failing, *(passed(f"p{number}", *TOTAL) for number in range(3))) == [["a", "b", "c"]]


def test_two_faults_in_code_that_all_share_are_apart() -> None:
    of_tax = [check(f"tax{number}", *TOTAL, *TAX) for number in range(4)]
    of_rate = [check(f"rate{number}", *TOTAL, *RATE) for number in range(3)]
    found = grouped(*of_tax, *of_rate, *(passed(f"p{number}", *TOTAL) for number in range(40)))

    assert [len(family) for family in found] == [4, 3]


def test_a_test_that_executes_nothing_of_the_project_is_apart() -> None:
    nothing = CheckEvidence(
        nodeid="tests/test_shop.py::n",
        kind="test",
        name="n",
        outcome=check("x").outcome,
        exception="AssertionError",
        spectrum={"tests/test_shop.py": (1,)},
    )

    assert grouped(check("a", *TOTAL), nothing) == [["a"], ["n"]]


def test_an_odd_failure_of_a_fault_brings_no_second_cause_to_the_front() -> None:
    many = [check(f"t{number}", *TOTAL) for number in range(9)]
    odd = check("odd", *TOTAL, exception="KeyError", frames=(14,))
    causes = rank(run(*many, odd, passed("p", *TAX)))

    assert [(cause.function, len(cause.failures)) for cause in causes] == [("total", 10), ("rate", 10)]
