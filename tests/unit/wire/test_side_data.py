from __future__ import annotations

import pickle
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from pytest_parallel_agents.wire.side_data import SideData, restore


class Steps:
    """What a plugin keeps of a report."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.names = ["given", {"when": {1, 2}}]


class Touches:
    """A pickle of this would touch a file where it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of this package's, in which reports are kept."""
    module = ModuleType("tests.plugin")
    vars(module)["KEPT"] = WeakKeyDictionary()
    monkeypatch.setitem(__import__("sys").modules, "tests.plugin", module)
    return module


def report() -> pytest.TestReport:
    return pytest.TestReport("test_it.py::test_it", ("test_it.py", 0, "test_it"), {}, "passed", None, "call")


def test_objects_of_the_plugin_come_along(plugin: ModuleType, tmp_path: Path) -> None:
    there, here = report(), report()
    plugin.KEPT[there] = Steps(tmp_path)

    restore(here, SideData().of(there))

    assert plugin.KEPT[here] is not plugin.KEPT[there]
    assert vars(plugin.KEPT[here]) == vars(plugin.KEPT[there])


@pytest.mark.parametrize("place", ["tests.plugin:KEPT", "os:environ", "tests.plugin:nothing"])
def test_nothing_is_called(plugin: ModuleType, tmp_path: Path, place: str) -> None:
    path, here = tmp_path / "touched", report()
    data = pickle.dumps(Touches(path))

    if place.endswith("KEPT"):
        with pytest.raises(pickle.UnpicklingError, match="no class of tests"):
            restore(here, {place: data})
    else:
        restore(here, {place: data})

    assert not path.exists()
    assert here not in plugin.KEPT
