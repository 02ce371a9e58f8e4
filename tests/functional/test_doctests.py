"""Files with doctests are code whose faults are looked for, too."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.convergence.ranking import rank
from pytest_parallel_agents.reports.evidence import read_evidence
from tests.functional.runs import REPORT, run_agents

SHOP = """\
def total(prices, discount=0):
    \"\"\"Sum them up.

    >>> total([1, 2])
    3
    >>> total([10, 10], 10)
    18.0
    \"\"\"
    amount = sum(prices)
    if discount:
        amount = amount * (100 + discount) / 100
    return amount
"""
TESTS = """
    from shop import total

    def test_plain():
        assert total([1, 2]) == 3

    def test_cheaper():
        assert total([10], 10) == 9
"""


def test_a_file_with_doctests_and_no_tests_is_the_projects_code(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("shop.py").write_text(SHOP)
    pytester.makepyfile(test_shop=TESTS)

    run = run_agents(pytester, "--doctest-modules")

    assert run.outcomes == {"shop.total": "failed", "test_plain": "passed", "test_cheaper": "failed"}
    assert {cause["path"] for cause in run.report["causes"]} == {"shop.py"}
    cause = run.report["causes"][0]
    assert (cause["path"], cause["function"], cause["failure_count"]) == ("shop.py", "total", 2)
    assert cause["lines"][0]["text"] == "amount = amount * (100 + discount) / 100"
    assert run.report["evidence"]["code_paths"] == ["shop.py"]
    assert {each.path for each in rank(read_evidence(pytester.path / REPORT))} == {"shop.py"}
