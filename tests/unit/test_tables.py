from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.tables import Table, nearest, quoted


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


def table(**values: object) -> Table:
    return Table({key.replace("_", "-"): value for key, value in values.items()}, where="x.toml: tool.t", faults=[])


def told(table: Table) -> list[str]:
    return [str(fault) for fault in table.faults]


def test_values_of_the_right_type_are_read() -> None:
    read = table(
        text="a", texts=["a", "b"], flag=True, number=3, whole=0, auto="auto", some=4, word="x", choice="green"
    )

    assert read.text("text") == "a"
    assert read.texts("texts") == ("a", "b")
    assert read.command("text") == ("a",)
    assert read.command("texts") == ("a", "b")
    assert read.flag("flag") is True
    assert read.number("number") == 3.0
    assert read.whole("whole", 7, minimum=0) == 0
    assert read.whole_or("auto", {"auto": None}, minimum=1) is None
    assert read.whole_or("some", {"auto": None}, minimum=1) == 4
    assert read.word("word", ["x", "y"], "y") == "x"
    assert read.choice("choice", Colour, Colour.RED) is Colour.GREEN
    read.done()
    assert read.faults == []


def test_absent_keys_have_their_defaults() -> None:
    read = table()

    assert read.text("k", "d") == "d"
    assert read.texts("k", ("d",)) == ("d",)
    assert read.command("k") == ()
    assert read.flag("k") is False
    assert read.number("k") is None
    assert read.whole("k", 5, minimum=1) == 5
    assert read.whole_or("k", {"auto": None}, minimum=1) is None
    assert read.choice("k", Colour, Colour.RED) is Colour.RED
    assert list(read.table("k")) == []
    read.done()
    assert read.faults == []


@pytest.mark.parametrize(
    ("value", "read", "message"),
    [
        (1, lambda t: t.text("k"), "x.toml: tool.t.k must be a string, not 1"),
        ("a", lambda t: t.texts("k"), 'x.toml: tool.t.k must be a list of strings, not "a" (write ["a"])'),
        ([1], lambda t: t.texts("k"), "x.toml: tool.t.k must be a list of strings, not [1]"),
        (
            3,
            lambda t: t.command("k"),
            "x.toml: tool.t.k must be a command: a string or a list of strings, not 3",
        ),
        (
            "a 'b",
            lambda t: t.command("k"),
            "x.toml: tool.t.k cannot be split into words: No closing quotation (write a list of strings)",
        ),
        (1, lambda t: t.flag("k"), "x.toml: tool.t.k must be true or false, not 1"),
        (True, lambda t: t.number("k"), "x.toml: tool.t.k must be a number above 0, not true"),
        (0, lambda t: t.number("k"), "x.toml: tool.t.k must be a number above 0, not 0"),
        (float("inf"), lambda t: t.number("k"), "x.toml: tool.t.k must be a number above 0, not inf"),
        (True, lambda t: t.whole("k", 1, minimum=0), "x.toml: tool.t.k must be a whole number of at least 0, not true"),
        (0, lambda t: t.whole("k", 1, minimum=1), "x.toml: tool.t.k must be a whole number of at least 1, not 0"),
        (
            "two",
            lambda t: t.whole_or("k", {"auto": None}, minimum=1),
            'x.toml: tool.t.k must be "auto" or a whole number of at least 1, not "two"',
        ),
        ([], lambda t: t.table("k"), "x.toml: tool.t.k must be a table, not []"),
        ({}, lambda t: t.text("k"), "x.toml: tool.t.k must be a string, not a table"),
        (
            "gren",
            lambda t: t.choice("k", Colour, Colour.RED),
            'x.toml: tool.t.k is "gren", which is unknown (did you mean "green"?)',
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_a_fault(value: object, read: Callable[[Table], object], message: str) -> None:
    faulty = table(k=value)

    read(faulty)

    assert told(faulty) == [message]


def test_unknown_keys_are_faults_that_name_the_nearest_known_one() -> None:
    read = table(fail_no="error", zzz=1, name="n")
    read.text("fail-on")
    read.text("name")

    read.done()

    assert told(read) == [
        'x.toml: tool.t.fail-no is an unknown key (did you mean "fail-on"?)',
        "x.toml: tool.t.zzz is an unknown key (valid: fail-on, name)",
    ]


def test_sub_tables_report_to_the_same_faults_under_their_full_name() -> None:
    agents = table(agents={"ruff": {"cpus": "one"}, "house rules": {"cpus": []}, "none": 3}).table("agents")

    for _, entry in agents.tables():
        entry.whole("cpus", 1, minimum=0)

    assert told(agents) == [
        'x.toml: tool.t.agents.ruff.cpus must be a whole number of at least 0, not "one"',
        'x.toml: tool.t.agents."house rules".cpus must be a whole number of at least 0, not []',
        "x.toml: tool.t.agents.none must be a table, not 3",
    ]


def test_names_chosen_by_the_user_can_be_iterated() -> None:
    resources = table(db=1, gpu=2)

    assert {name: resources.whole(name, 1, minimum=1) for name in resources} == {"db": 1, "gpu": 2}


def test_a_reader_may_add_its_own_fault() -> None:
    read = table()
    read.fault("a.b", "is odd", hint="be even")

    assert isinstance(read.faults[0], AgentsError)
    assert told(read) == ['x.toml: tool.t."a.b" is odd (be even)']


def test_nearest_without_options() -> None:
    assert nearest("x", []) == "nothing is valid here"


def test_quoted_escapes() -> None:
    assert quoted('a"b\\') == r'"a\"b\\"'
