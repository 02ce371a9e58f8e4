from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.convergence.functions import MODULE, Entities, functions

SOURCE = textwrap.dedent("""\
    import functools

    class Cart:
        tax = 0.2

        @property
        @functools.cache
        def total(self):
            return sum(
                1 for _ in ()
            )

    def outer():
        async def inner():
            pass
        return inner

    try:
        pass
    except ValueError:
        def late(): return 1
    """)


def test_functions_have_qualified_names_and_def_lines() -> None:
    found = functions("src/cart.py", SOURCE)

    assert [(each.function, each.first_line, each.line, each.end_line) for each in found] == [
        ("Cart.total", 6, 8, 11),
        ("outer", 13, 13, 16),
        ("outer.inner", 14, 14, 15),
        ("late", 21, 21, 21),
    ]
    assert {each.path for each in found} == {"src/cart.py"}


def test_functions_are_found_in_every_kind_of_block() -> None:
    source = textwrap.dedent("""\
        match 1:
            case 1:
                def in_case(): pass
        if 1:
            pass
        else:
            def in_else(): pass
        for _ in ():
            pass
        else:
            def in_loop_else(): pass
        with open("x"):
            class A:
                class B:
                    def deep(self): pass
        """)

    assert [each.function for each in functions("a.py", source)] == ["in_case", "in_else", "in_loop_else", "A.B.deep"]


def test_a_chain_of_branches_deeper_than_the_stack_is_no_problem() -> None:
    branches = "".join(f"elif x == {number}:\n    pass\n" for number in range(900))
    source = f"if x:\n    pass\n{branches}else:\n    def deepest(): pass\n"

    assert [each.function for each in functions("a.py", source)] == ["deepest"]


def test_broken_and_foreign_files_have_no_functions() -> None:
    assert functions("a.py", "def broken(:\n") == ()
    assert functions("a.py", "x = 1\0") == ()
    assert functions("pyproject.toml", "def valid(): pass\n") == ()


def test_an_invalid_escape_in_the_judged_code_raises_no_warning() -> None:
    assert [each.function for each in functions("a.py", "def f():\n    return '\\d'\n")] == ["f"]


def test_a_byte_order_mark_is_ignored() -> None:
    assert [each.function for each in functions("a.py", "\ufeffdef f(): pass\n")] == ["f"]


def test_the_innermost_function_owns_a_line() -> None:
    entities = Entities({"src/cart.py": SOURCE})

    owners = [entities.at("src/cart.py", line).function for line in range(1, 22)]

    assert owners == [
        *[MODULE] * 5,
        *["Cart.total"] * 6,
        MODULE,
        "outer",
        *["outer.inner"] * 2,
        "outer",
        *[MODULE] * 4,
        "late",
    ]


def test_places_outside_the_text_belong_to_the_module() -> None:
    entities = Entities({"a.py": "def f(): pass"})

    assert entities.at("a.py", 1).function == "f"
    assert {entities.at("a.py", line).function for line in (None, 0, -1, 2)} == {MODULE}
    assert entities.at("a.py", None).end_line == 1


def test_a_file_that_is_not_python_is_one_entity_without_a_name() -> None:
    entity = Entities({"pyproject.toml": "[project]\nname = 'x'\n"}).at("pyproject.toml", 2)

    assert (entity.function, entity.line, entity.end_line, entity.is_function) == ("", 1, 2, False)


def test_an_unknown_file_still_has_an_entity() -> None:
    assert Entities({}).at("gone.py", 7).function == MODULE
    assert Entities({}).at("gone.css", 7).function == ""


@given(st.text(max_size=200), st.integers(-3, 30))
def test_every_place_of_any_text_has_an_entity(text: str, line: int) -> None:
    entity = Entities({"a.py": text}).at("a.py", line)

    assert entity.path == "a.py"
    assert 1 <= entity.first_line <= entity.line <= entity.end_line
