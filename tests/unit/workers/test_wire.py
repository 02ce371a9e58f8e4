from __future__ import annotations

import enum
from collections import OrderedDict
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.workers import wire

any_text = st.text(st.characters(categories=None))  # surrogates too
atoms = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary() | any_text
hashable = st.recursive(atoms, lambda inner: st.tuples(inner, inner) | st.frozensets(inner), max_leaves=5)
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.sets(hashable)
        | st.frozensets(hashable)
        | st.dictionaries(any_text, inner)
        | st.dictionaries(hashable, inner)
    ),
    max_leaves=20,
)


def there_and_back(value: object) -> object:
    return wire.unpack(wire.pack(value))


class Stubborn:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Colour(enum.StrEnum):
    RED = "red"


@given(values)
def test_built_in_values_come_back_as_they_are(value: object) -> None:
    assert repr(there_and_back(value)) == repr(value) or there_and_back(value) == value


@given(values)
def test_types_survive_too(value: object) -> None:
    assert type(there_and_back(value)) is type(value)


@pytest.mark.parametrize("number", [-(2**63) - 1, -(2**63), 2**64 - 1, 2**64, 10**400])
def test_integers_have_no_limits(number: int) -> None:
    assert there_and_back(number) == number


def test_a_tuple_does_not_become_a_list() -> None:
    assert there_and_back([("a", 1, ["b", (2,)])]) == [("a", 1, ["b", (2,)])]


def test_keys_may_be_anything_hashable() -> None:
    odd = {1: "int", (2, "x"): "tuple", None: "none", "text": "text", "\udcff": "surrogate"}

    assert there_and_back(odd) == odd


@pytest.mark.parametrize(
    ("value", "plain"), [(Colour.RED, "red"), (OrderedDict(a=1), {"a": 1}), (True, True)], ids=["str", "dict", "bool"]
)
def test_a_subclass_becomes_what_it_extends(value: object, plain: object) -> None:
    back = there_and_back(value)

    assert back == plain
    assert type(back) is type(plain)


@pytest.mark.parametrize("value", [Path("a"), date(2024, 1, 2), 1j, ValueError("x"), len])
def test_anything_else_becomes_its_repr(value: object) -> None:
    assert there_and_back({"value": value}) == {"value": repr(value)}


def test_an_object_that_cannot_be_shown_is_named() -> None:
    assert there_and_back([Stubborn()]) == ["<Stubborn whose repr raised RuntimeError>"]


def test_a_cycle_ends_somewhere() -> None:
    cycle: list[object] = []
    cycle.append(cycle)

    back = there_and_back(cycle)

    for _ in range(10):
        assert isinstance(back, list)
        (back,) = back


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: (inner,), lambda inner: {1: inner}])
def test_what_is_nested_too_deeply_ends_in_a_text(wrap: object) -> None:
    assert callable(wrap)
    value: object = "core"
    for _ in range(500):
        value = wrap(value)

    assert there_and_back([value, "the rest survives"])[1] == "the rest survives"  # type: ignore[index]


@given(st.binary())
def test_foreign_bytes_are_refused_or_read_as_plain_values(data: bytes) -> None:
    try:
        back = wire.unpack(data)
    except msgspec.DecodeError:
        return
    wire.pack(back)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\xd4\x63\x00", wire.pack([1, 2])[:-1]])
def test_garbage_raises_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        wire.unpack(data)
