from __future__ import annotations

import dataclasses
import decimal
import enum
import functools
import json
import subprocess
import sys
import threading
from array import array
from collections.abc import Callable
from typing import Any

import pytest

from pytest_parallel_agents.worker.digests import Digests


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class City:
    name: str
    sizes: tuple[int, ...] = (1, 2)


class Slotted:
    __slots__ = ("empty", "name")

    def __init__(self, name: str) -> None:
        self.name = name


class Child(Slotted):
    def __init__(self, name: str, age: int) -> None:
        super().__init__(name)
        self.age = age


class Name(str):
    __slots__ = ()


class Hostile:
    """Whose own code must not run."""

    def __init__(self, name: str) -> None:
        object.__getattribute__(self, "__dict__")["name"] = name

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError

    __hash__ = __iter__ = __len__ = __bool__ = __repr__  # type: ignore[assignment]


def adds(number: int) -> Callable[[int], int]:
    return lambda other: number + other


def failed(text: str) -> Exception:
    return ValueError(text)


MAKERS: dict[str, Callable[[], list[Any]]] = {
    "plain": lambda: [1, 2, 1.0, True, "1", b"1", None, 1j, decimal.Decimal("1.50"), decimal.Decimal("1.5")],
    "containers": lambda: [(1, 2), (2, 1), [1, 2], {"a": 1}, {"a": 2}, {1, 2}, {1, 3}, frozenset({1}), ((1,), 2)],
    "objects": lambda: [City("Rome"), City("Oslo"), City("Rome", (2,)), Slotted("a"), Slotted("b"), Child("a", 1)],
    "subclasses": lambda: [Name("a"), Name("b"), "a", Child("a", 2), Hostile("a"), Hostile("b")],
    "members": lambda: [Color.RED, Color.BLUE, Color, City, failed("a"), failed("b"), slice(1), slice(2)],
    "arrays": lambda: [array("b", [1, 2]), array("b", [2, 1]), array("h", [1, 2]), array("b"), memoryview(b"12")],
    "made in a loop": lambda: [lambda n=n: n for n in range(2)] + [adds(n) for n in range(2)],
    "code": lambda: [json.dumps, json.loads, json, City("a").__repr__, functools.partial(print, 1)],
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_equal_values_have_one_digest_and_others_have_others(make: Callable[[], list[Any]]) -> None:
    first, second = ([Digests().of(value) for value in make()] for _ in range(2))

    assert first == second
    assert len(set(first)) == len(first)


def test_lambdas_are_distinguished_by_their_line() -> None:
    first = lambda: 1  # noqa: E731
    second = lambda: 2  # noqa: E731

    assert Digests().of(first) != Digests().of(second)


def test_the_order_of_a_set_does_not_count() -> None:
    code = (
        "from pytest_parallel_agents.worker.digests import Digests\n"
        "names = {str(number) for number in range(20)}\n"
        "print(Digests().of({name: {name} for name in names}).hex(), Digests().of(frozenset(names)).hex())\n"
        "print(*names)"
    )
    command = [sys.executable, "-c", code]
    outputs = [subprocess.check_output(command, env={"PYTHONHASHSEED": seed}, text=True) for seed in "12"]
    found = {tuple(output.splitlines()) for output in outputs}

    assert len(found) == 2
    assert len({lines[0] for lines in found}) == 1


@pytest.mark.parametrize("make", [threading.Lock, object, lambda: iter([1])])
def test_what_cannot_be_compared_counts_by_its_type(make: Callable[[], object]) -> None:
    assert Digests().of(make()) == Digests().of(make())


def test_large_and_endless_values_are_looked_at_in_part() -> None:
    endless: list[Any] = []
    endless.append(endless)
    endless.extend(range(1_000_000))

    assert Digests().of(endless) == Digests().of(endless[:1000])


def test_a_value_that_breaks_counts_by_its_type() -> None:
    class Broken(enum.Enum):
        ONE = 1

    del Broken.ONE._name_

    assert len(Digests().of(Broken.ONE)) == 8
