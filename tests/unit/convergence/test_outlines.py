from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.convergence.code import Code
from pytest_parallel_agents.convergence.functions import MODULE
from pytest_parallel_agents.convergence.outlines import Statement, outline

SOURCE = textwrap.dedent("""\
    import os; import sys

    @decorated
    def parse(text):
        values = dict(
            a=1,
        )
        with open(
            text
        ) as file:
            pass
        try:
            return int(text)
        except ValueError as error:
            raise KeyError(text) from error
        match values:
            case {}:
                return [
                    lambda: 1,
                ]

    class Cart:
        def total(self): return 1
    """)

OUTLINE = outline("cart.py", SOURCE)


def test_a_statement_has_all_its_lines_and_a_compound_one_those_of_its_head() -> None:
    found = [(each.line, each.end_line) for each in OUTLINE.statements]

    assert found == [
        (1, 1),
        (3, 4),
        (5, 7),
        (8, 10),
        (11, 11),
        (12, 12),
        (13, 13),
        (15, 15),
        (16, 16),
        (18, 20),
        (22, 22),
        (23, 23),
    ]


def test_definitions_and_what_raises_are_marked() -> None:
    assert [each.line for each in OUTLINE.statements if each.defines] == [3, 22]
    assert [each.line for each in OUTLINE.statements if each.raises] == [15]
    assert [each.raises for each in outline("a.py", "assert x\nraise V\nfail()\n").statements] == [True, True, False]


def test_what_raises_in_a_function_that_a_handler_defines_handles_nothing() -> None:
    source = "try: pass\nexcept E:\n    def f():\n        raise V\n"

    assert not any(each.raises and each.handles for each in outline("a.py", source).statements)


def test_lines_belong_to_the_innermost_function_and_to_their_statement() -> None:
    code = Code({"cart.py": OUTLINE})

    assert [code.function("cart.py", line).function for line in (1, 3, 6, 19, 22, 23, 99, None)] == [
        MODULE, "parse", "parse", "parse", MODULE, "Cart.total", MODULE, MODULE,
    ]  # fmt: skip
    assert OUTLINE.statement_at(6) == Statement(5, 7, size=4)
    assert OUTLINE.statement_at(2) == Statement(2, 2)


def test_the_size_counts_names_constants_and_operations_of_a_head() -> None:
    found = outline("a.py", "try:\n    if a.b + f(1) > 2:\n        return x\nexcept E:\n    pass\n").statements

    assert [(each.line, each.size) for each in found] == [(1, 0), (2, 7), (3, 1), (5, 0)]


def test_the_size_of_a_definition_counts_what_is_evaluated_with_it() -> None:
    found = outline(
        "a.py", "@deco(1)\ndef f(a: int, b=2, *, c=None) -> str:\n    pass\nclass C(B):\n    x = 1\n"
    ).statements

    assert [each.size for each in found if each.defines] == [5, 1]


def test_broken_and_foreign_files_have_neither_functions_nor_statements() -> None:
    assert outline("a.py", "def broken(:\n").statements == ()
    assert outline("style.css", "def f(): pass\n").module.function == ""


@given(st.integers(min_value=1, max_value=30))
def test_every_line_is_in_its_statement(line: int) -> None:
    statement = OUTLINE.statement_at(line)

    assert statement.line <= line <= statement.end_line
