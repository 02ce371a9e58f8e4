from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.mark.structures import NodeKeywords

from pytest_parallel_agents.runtest.lookup_cache import Locations, cached_hook_proxy, gather_keywords_at_once
from tests.functional.runs import run_pytest

HELPERS = """
    import functools, pathlib

    def wrapped(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper

    def test_imported(): pass
"""

TESTS = """
    import functools, unittest
    import pytest
    from helpers import test_imported, wrapped

    def test_first(): pass

    def test_second(): pass

    @pytest.mark.parametrize("number", [1, 2])
    def test_numbers(number): pass

    @wrapped
    def test_wrapped(): pass

    def placed(): pass
    placed.place_as = test_second
    test_placed = placed

    test_partial = functools.partial(lambda number: None, 1)
    test_lambda = lambda: None

    class TestClass:
        def test_method(self): pass
        @staticmethod
        def test_static(): pass
        @classmethod
        def test_of_class(cls): pass
        class TestInner:
            def test_inner(self): pass

    class Base:
        def test_inherited(self): pass

    class TestDerived(Base): pass

    class TestUnit(unittest.TestCase):
        def test_unit(self): pass
"""

CONFTEST = """
    import pytest

    class Placed(pytest.Function):
        def reportinfo(self):
            return self.path, 41, "somewhere else"

    class Located(pytest.Function):
        @property
        def location(self):
            return "somewhere", 42, "else"

    def pytest_pycollect_makeitem(collector, name, obj):
        if name == "test_second":
            return Placed.from_parent(collector, name=name)
        if name == "test_lambda":
            return Located.from_parent(collector, name=name)
"""


def locations(items: Sequence[pytest.Item]) -> dict[str, tuple[str, int | None, str]]:
    return {item.nodeid: item.location for item in items}


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.syspathinsert()
    pytester.makepyfile(helpers=HELPERS, test_a=TESTS)
    pytester.mkpydir("sub").joinpath("test_b.py").write_text("def test_first(): pass\n\ndef test_second(): pass\n")
    pytester.makeconftest(CONFTEST)
    return pytester


def test_locations_are_those_that_pytest_finds(suite: pytest.Pytester) -> None:
    args = ["-p", "no:cacheprovider", "--doctest-modules"]
    theirs, _ = suite.inline_genitems(*args)
    ours, _ = suite.inline_genitems(*args)
    remembered = Locations()
    for item in ours:
        remembered.set_location(item)

    found = [item.name for item in ours if "location" in item.__dict__]
    assert {"test_numbers[1]", "test_method", "test_inner", "test_inherited", "test_unit"} <= {*found}
    assert locations(ours) == locations(theirs)
    assert len(ours) == 17


def test_keywords_are_those_that_pytest_finds_in_its_order(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NodeKeywords, "__iter__", pytests_own_iteration())  # this session may have replaced it
    items, _ = suite.inline_genitems("-p", "no:cacheprovider")
    for item in items:
        item.keywords["own"] = item.parent.keywords["own"] = item  # type: ignore[union-attr]
    items[0].parent.keywords = {"replaced": 1}  # type: ignore[union-attr]
    items[-1].keywords, items[-2].keywords = Inheriting(items[-1]), Extending(items[-2])
    config = items[0].config
    theirs = [list(item.keywords) for item in items]
    iterates = NodeKeywords.__iter__

    gather_keywords_at_once(config)
    ours = [list(item.keywords) for item in items]
    assert NodeKeywords.__iter__ is not iterates
    config._ensure_unconfigure()

    assert ours == theirs
    assert NodeKeywords.__iter__ is iterates


class Inheriting(NodeKeywords):  # type: ignore[misc]
    """A plugin's."""


class Extending(NodeKeywords):  # type: ignore[misc]
    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield "more"


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "later"])
def test_what_another_plugin_has_put_in_place_of_the_iteration_stays(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, *, is_first: bool
) -> None:
    def iterate(_keywords: NodeKeywords) -> Iterator[str]:
        return iter(["theirs"])

    monkeypatch.setattr(NodeKeywords, "__iter__", iterate if is_first else pytests_own_iteration())
    config = suite.parseconfig()

    gather_keywords_at_once(config)
    if not is_first:
        monkeypatch.setattr(NodeKeywords, "__iter__", iterate)
    assert NodeKeywords.__iter__ is iterate
    config._ensure_unconfigure()

    assert NodeKeywords.__iter__ is iterate


def pytests_own_iteration() -> Any:
    spec = importlib.util.find_spec("_pytest.mark.structures")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.NodeKeywords.__iter__


class Conftests:
    """What `gethookproxy` depends on, and how often it was asked."""

    def __init__(self) -> None:
        self._conftest_plugins: set[str] = set()
        self._dirpath2confmods: dict[str, list[str]] = {}
        self.asked: list[str] = []

    def session(self) -> Any:
        return SimpleNamespace(gethookproxy=self._look_up, config=SimpleNamespace(pluginmanager=self))

    def load(self, folder: str) -> None:
        self._conftest_plugins.add(folder)
        self._dirpath2confmods[folder] = [folder]

    def _look_up(self, path: str) -> object:
        self.asked.append(path)
        return object()


def test_a_path_is_looked_up_once() -> None:
    conftests = Conftests()
    look_up = cached_hook_proxy(conftests.session())
    assert look_up("a") is look_up("a")
    assert look_up("b") is not look_up("a")
    assert conftests.asked == ["a", "b"]


def test_all_paths_are_looked_up_again_when_another_conftest_is_loaded() -> None:
    conftests = Conftests()
    look_up = cached_hook_proxy(conftests.session())
    before = look_up("a")
    conftests.load("a")
    assert look_up("a") is not before
    assert conftests.asked == ["a", "a"]


@pytest.mark.parametrize("transport", ["fork", "popen"])
def test_each_folder_has_its_own_conftests(pytester: pytest.Pytester, transport: str) -> None:
    """Three folders, each with a conftest that records its hooks."""
    for name in ("one", "two", "three"):
        folder = pytester.mkpydir(name)
        folder.joinpath(f"test_{name}.py").write_text("def test_a(): pass\n\ndef test_b(): pass\n")
        folder.joinpath("conftest.py").write_text(
            f"def pytest_runtest_call(item): item.user_properties.append(('{name}', item.name))\n"
        )
    pytester.makeconftest(
        """
        def pytest_runtest_logreport(report):
            if report.when == "teardown":
                print(report.nodeid, report.user_properties)
        """
    )
    result = run_pytest(pytester, "--agents", "-n2", f"--tx={transport}", "-s", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=6)
    for name in ("one", "two", "three"):
        for test in ("test_a", "test_b"):
            result.stdout.fnmatch_lines([f"*{name}/test_{name}.py::{test} [[]('{name}', '{test}')[]]"])
