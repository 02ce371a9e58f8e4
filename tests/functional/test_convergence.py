"""What plugins make of all that checks found together, and the report's evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.api import rank, read_evidence
from tests.functional.runs import run_agents

PLUGIN = """
from pytest_parallel_agents.api import Opinion, Opinions, Weight

class Owners:
    name = "owners"
    weight = Weight(function=5.0)
    testifies = True

    def opinions(self, fault):
        check = min(check.nodeid for check in fault.failing)
        named = [each for each in fault.candidates if each.function == "outer"]
        return Opinions(functions={each: Opinion(points=1.0, what="nobody owns it", check=check) for each in named})

def pytest_agents_evidence_kinds(config):
    return [Owners()]

def pytest_agents_converged(config, convergence):
    assert set(convergence.outcomes()) >= {"test_shop.py::test_total", "test_shop.py::test_fine"}
    return [f"nobody owns {cause.function}" for cause in convergence.causes() if "owners" in cause.agreeing]
"""

SHOP = """
def outer():
    return inner()

def inner():
    return [][0]
"""


@pytest.mark.parametrize("workers", ["-n2", "-n0"])
def test_plugins_add_kinds_of_evidence_and_gates_over_all_checks(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile(
        shop=SHOP,
        test_shop="""
        import shop

        def test_total(): assert shop.outer() == 1
        def test_fine(): pass
        """,
    )
    run = run_agents(pytester, workers)

    first, second, *_ = run.report["causes"]
    assert (first["function"], second["function"]) == ("outer", "inner")
    assert {"kind": "owners", "weight": 5.0, "points": 1.0} in first["addends"]
    assert second["lines"][0]["text"] == "return [][0]"
    assert first["failures"] == ["test_shop.py::test_total"]
    assert run.report["unexplained"] == []
    assert "nobody owns it" in run.stdout
    assert "ERROR: nobody owns outer" in run.stdout


def test_a_gate_fails_a_run_in_which_all_checks_passed(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_agents_converged(config, convergence): return 'not on my watch'")
    pytester.makepyfile("def test_fine(): pass")
    run = run_agents(pytester, "-n2")

    assert (run.exit_code, run.report["run"]["exit_code"]) == (1, 1)
    assert "ERROR: not on my watch" in run.stdout


def test_a_failure_is_followed_to_the_error_that_was_caught_and_ranks_again_from_the_report(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        shop="""
        def price(items):
            try:
                return first(items)
            except IndexError as error:
                raise ValueError("no price") from error

        def first(items):
            return items[0]
        """,
        test_shop="""
        import unittest
        import shop

        class TestShop(unittest.TestCase):
            def test_cost(self): self.assertEqual(shop.price([]), 1)
        """,
    )
    run = run_agents(pytester, "-n2")

    assert [cause["function"] for cause in run.report["causes"]][:2] == ["first", "price"]
    [report] = Path(pytester.path).glob("*.json")
    assert [cause.function for cause in rank(read_evidence(report))][:2] == ["first", "price"]


def test_a_kind_of_evidence_that_breaks_costs_the_ranking_and_nothing_else(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        class Broken:
            name = "broken"
            from pytest_parallel_agents.api import Weight
            weight = Weight(function=1.0)
            testifies = True

            def opinions(self, fault):
                raise KeyError("no owner")

        def pytest_agents_evidence_kinds(config):
            return [Broken()]
    """)
    pytester.makepyfile("def test_fails(): assert 0\ndef test_fine(): pass\n")

    run = run_agents(pytester)

    assert (run.exit_code, run.outcomes) == (1, {"test_fails": "failed", "test_fine": "passed"})
    assert run.report["causes"] == []
    assert "agents: causes could not be ranked: KeyError('no owner')" in run.stdout
