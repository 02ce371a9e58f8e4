from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_parallel_agents.worker.parameters import misplaced, unlike_others

IDS = ["a.py::test[c0]", "a.py::test[c1]", "a.py::test[c2]", "a.py::other[c0]", "a.py::plain"]


def parameters(*values: str, name: str = "city") -> dict[int, dict[str, bytes]]:
    return {number: {name: value.encode()} for number, value in enumerate(values)}


@pytest.mark.parametrize(
    ("own", "first", "found"),
    [
        (parameters("rome", "oslo", "bern"), parameters("rome", "oslo", "bern"), {}),
        (parameters("oslo", "rome", "bern"), parameters("rome", "oslo", "bern"), {0: "city", 1: "city"}),
        (parameters("12:00", "12:01"), parameters("12:02", "12:03"), {}),
        (parameters("oslo", "bern"), parameters("lima", "oslo"), {0: "city", 1: "city"}),
        (parameters("rome", "oslo", "bern", "x"), parameters("rome", "oslo", "bern", "rome"), {}),
        (parameters("a", "b"), parameters("b", "a", name="town"), {}),
        (parameters("a"), {}, {}),
        (parameters("f", "x", "x", "g", name=""), parameters("g", "x", "x", "f", name=""), {0: "", 3: ""}),
    ],
    ids=[
        "same",
        "permuted",
        "fresh",
        "another selection",
        "of another test",
        "another argument",
        "missing",
        "functions",
    ],
)
def test_a_value_that_the_other_has_elsewhere_is_misplaced(own: Any, first: Any, found: dict[int, str]) -> None:
    assert misplaced(own, first, IDS) == found


def _refuse(*_: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def items(*cities: str) -> Sequence[pytest.Item | None]:
    made = [SimpleNamespace(callspec=SimpleNamespace(params={"city": city, "n": 1})) for city in cities]
    return cast("Sequence[pytest.Item | None]", [*made, None, SimpleNamespace()])


def test_workers_are_compared_with_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "parameters"
    monkeypatch.setattr(os, "link", _refuse)  # as some file systems do

    assert unlike_others("gw1", items("rome", "oslo", "bern"), IDS, path) == {}
    assert unlike_others("gw0", items("rome", "oslo", "bern"), IDS, path) == {}
    found = unlike_others("gw2", items("oslo", "rome", "bern"), IDS, path)

    assert found.keys() == {0, 1}
    assert found[0].startswith("gw2 collected a.py::test[c0] with another parameter 'city' than gw1")
    assert list(tmp_path.iterdir()) == [path]
