"""Evidence of small runs, for the tests of the ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.outlines import outline
from pytest_parallel_agents.model.results import Finding, Frame, Outcome

CART = "src/cart.py"
SOURCE = """\
def total(items):
    found = 0
    for item in items:
        found += item.price
    return found

def tax(amount):
    try:
        return rate(amount)
    except KeyError as error:
        raise LookupError from error

def rate(amount):
    return RATES[amount]
"""

TOTAL, TAX, RATE = (2, 3, 4, 5), (8, 9), (14,)
"""Lines that a call of each executes."""


def check(
    name: str,
    *lines: int,
    outcome: Outcome = Outcome.FAILED,
    exception: str = "AssertionError",
    frames: Sequence[int] = (),
    samples: Mapping[int, int] | None = None,
    findings: Sequence[Finding] = (),
) -> CheckEvidence:
    """A test that has executed `lines` of the cart, and failed in `frames` of it below its own; measured if it has."""
    return CheckEvidence(
        nodeid=f"tests/test_shop.py::{name}",
        kind="test",
        name=name,
        outcome=outcome,
        exception=exception if outcome.bad else "",
        frames=(Frame("tests/test_shop.py", 3), *(Frame(CART, line) for line in frames)) if outcome.bad else (),
        findings=tuple(findings),
        spectrum={CART: lines} if lines else None,
        samples={CART: samples} if samples else {},
    )


def passed(name: str, *lines: int) -> CheckEvidence:
    return check(name, *lines, outcome=Outcome.PASSED)


def run(*checks: CheckEvidence, ages: Mapping[int, float] | None = None, changed: Sequence[int] = ()) -> RunEvidence:
    return RunEvidence(
        checks=checks,
        outlines={CART: outline(CART, SOURCE)},
        test_paths=frozenset({"tests/test_shop.py"}),
        ages={CART: ages} if ages else {},
        changed={CART: frozenset(changed)} if changed else {},
    )
