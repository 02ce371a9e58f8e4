from __future__ import annotations

import enum
from collections import OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import ip_network
from pathlib import Path, PureWindowsPath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.wire import packing

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


def there_and_back(value: object) -> Any:
    return packing.unpack(packing.pack(value))


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


class Point(NamedTuple):
    x: object
    y: object = 1j


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


class Weight(int, enum.Enum):
    HEAVY = 9


LocalColour = enum.Enum("LocalColour", "RED BLUE", module="a.module.that.nobody.knows")

EXACT = [
    Decimal("1.50"),
    Decimal("sNaN12"),
    Fraction(-1, 3),
    date(2024, 1, 2),
    datetime(2024, 10, 27, 2, 30, 0, 7, fold=1),  # noqa: DTZ001
    datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=-3), "here")),
    datetime(2024, 1, 2, tzinfo=ZoneInfo("UTC")),
    time(1, 2, 3, 4, UTC),
    timedelta(-3, 4, 5),
    1 + 2j,
    complex("-0+infj"),
    range(3, 9, 2),
    UUID(int=5),
    Path("/a/b"),
    PureWindowsPath("c:/a"),
    bytearray(b"x"),
    ip_network("10.0.0.0/8"),
    Colour.RED,
    Weight.HEAVY,
]


@pytest.mark.parametrize("value", EXACT, ids=repr)
def test_immutable_values_of_the_standard_library_come_back_as_they_are(value: object) -> None:
    (back,) = there_and_back([value])

    assert type(back) is type(value)
    assert (repr(back), str(back), f"{back}") == (repr(value), str(value), f"{value}")


def test_a_member_of_an_enumeration_is_that_very_member() -> None:
    assert there_and_back({Colour.RED: Weight.HEAVY}) == {Colour.RED: Weight.HEAVY}
    assert there_and_back(Colour.RED) is Colour.RED


OTHERS = [
    *(ValueError("x"), len, object, Point(1), OrderedDict(a=1), defaultdict(list, {1: [2]}), LocalColour.BLUE),
    *(
        Permission.READ | Permission.WRITE,
        slice(1, 2),
        deque([1]),
        type("Name", (str,), {"__str__": lambda _: "told"})("kept"),
    ),
]


@pytest.mark.parametrize("value", OTHERS, ids=lambda value: type(value).__name__)
def test_anything_else_is_written_as_it_was(value: object) -> None:
    back = there_and_back({"value": value})["value"]

    assert type(back).__name__ == type(value).__name__
    assert (repr(back), str(back), f"{back}") == (repr(value), str(value), f"{value}")


@pytest.mark.parametrize(
    ("value", "plain"),
    [(OrderedDict(a=1), {"a": 1}), (Point(1, 2), (1, 2)), (Weight(9), 9)],
    ids=["dict", "tuple", "int"],
)
def test_an_instance_of_a_subclass_is_still_one_of_what_it_extends(value: object, plain: object) -> None:
    back = there_and_back(value)

    assert back == plain
    assert isinstance(back, type(plain))


def test_an_object_that_cannot_be_shown_is_named() -> None:
    (back,) = there_and_back([Stubborn()])

    assert repr(back) == "<Stubborn whose repr raised RuntimeError>"


def test_values_that_become_stand_ins_are_reported() -> None:
    told: list[tuple[str, object]] = []

    packing.pack_fields({"a": [1, UUID(int=1)], "b": [len]}, lambda name, value: told.append((name, value)))

    assert told == [("b", len)]


def test_fields_need_no_good_names() -> None:
    fields: dict[object, object] = {3: 1, "\udcff": 2}

    assert packing.unpack(packing.pack_fields(fields, lambda *_: None)) == fields  # type: ignore[arg-type]


@pytest.mark.slow
def test_what_unfolds_without_end_is_cut() -> None:
    value: object = 1
    for _ in range(30):
        value = [value, value]

    assert len(packing.pack(value)) < 100 * 2**20


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

    assert there_and_back([value, "the rest survives"])[1] == "the rest survives"


@given(st.binary())
def test_foreign_bytes_are_refused_or_read_as_plain_values(data: bytes) -> None:
    try:
        back = packing.unpack(data)
    except msgspec.DecodeError:
        return
    packing.pack(back)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\xd4\x63\x00", packing.pack([1, 2])[:-1]])
def test_garbage_raises_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        packing.unpack(data)
