from __future__ import annotations

import ast

import msgspec

from pytest_parallel_agents.convergence.bindings import bindings
from pytest_parallel_agents.convergence.evidence import RunEvidence
from pytest_parallel_agents.convergence.outlines import outline
from pytest_parallel_agents.convergence.ranking import rank
from tests.unit.convergence.spectra import CART, check, passed, run

SOURCE = """\
import re
RATE = 7
RATES = [RATE, 19]
UNUSED = 1

class Cart:
    limit = 10
    rate: int = RATE

    def full(self, most=RATES):
        local = len(self.items)
        return local > self.limit

    @property
    def empty(self):
        return not local
"""


def read(source: str) -> dict[int, tuple[int, ...]]:
    return {each.line: each.readers for each in bindings(ast.parse(source))}


def test_names_of_modules_and_classes_have_the_statements_that_read_them() -> None:
    assert read(SOURCE) == {2: (3, 8), 3: (10,), 7: (12,)}


def test_an_attribute_is_no_name_of_the_module() -> None:
    assert read("limit = 1\nprint(cart.limit)\n") == {}


def test_definitions_are_read_by_what_they_evaluate_and_stand_at_their_first_decorator() -> None:
    assert read("A = 1\n@deco(\n  A)\ndef f():\n    pass\n") == {1: (2,)}


CONSTANTS = """\
FREE = 50
RATE = FREE + 7

def tax(amount):
    return amount * RATE

def free(amount):
    return 0
"""


def constants(*failing: int) -> RunEvidence:
    evidence = run(check("a", *failing), passed("b", 8))
    return msgspec.structs.replace(evidence, outlines={CART: outline(CART, CONSTANTS)})


def test_what_ran_at_import_is_suspicious_by_what_reads_it() -> None:
    causes = rank(constants(5, 8))

    assert [(cause.function, cause.score) for cause in causes][::2] == [("tax", 1.0), ("<module>", 0.5)]
    assert [(line.line, line.score) for line in causes[2].lines] == [(2, 0.5), (1, 0.25)]
    assert causes[2].evidence[0].line == 2


def test_what_no_failing_check_reads_is_not_suspicious() -> None:
    assert [cause.function for cause in rank(constants(8))] == ["free"]
