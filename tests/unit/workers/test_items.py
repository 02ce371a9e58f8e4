from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from pytest_parallel_agents.workers.items import CollectedItems, InheritedItems, addresses

Files = dict[str, str]
Collect = Callable[..., Sequence[pytest.Item]]
Start = Callable[..., CollectedItems]

NESTED: Files = {
    "conftest.py": "import pytest\n@pytest.fixture\ndef value(): return ['top']",
    "unit/conftest.py": "import pytest\n@pytest.fixture\ndef value(value): return [*value, 'unit']",
    "unit/deep/conftest.py": "import pytest\n@pytest.fixture\ndef value(value): return [*value, 'deep']",
    "unit/deep/test_deep.py": "def test_deep(value): pass",
    "unit/test_unit.py": "def test_unit(value): pass",
    "test_top.py": "def test_top(value): pass",
}
PACKAGES: Files = {
    "pkg/__init__.py": "",
    "pkg/conftest.py": "import pytest\n@pytest.fixture(scope='package')\ndef server(): return 'pkg'",
    "pkg/test_a.py": "def test_a(server): pass",
    "pkg/sub/__init__.py": "",
    "pkg/sub/conftest.py": "import pytest\n@pytest.fixture(scope='package', autouse=True)\ndef inner(): pass",
    "pkg/sub/test_b.py": "def test_b(server): pass",
}
KINDS: Files = {
    "test_kinds.py": """
import unittest
import pytest

class TestOuter:
    class TestInner:
        @pytest.mark.parametrize("value", [1, "é", None], ids=str)
        def test_it(self, value): pass

class TestUnit(unittest.TestCase):
    def test_it(self): pass
""",
}
DUPLICATES: Files = {
    "conftest.py": """
import pytest

class Line(pytest.Item):
    def runtest(self): pass

class Lines(pytest.File):
    def collect(self):
        for number, name in enumerate(self.path.read_text().split()):
            item = Line.from_parent(self, name=name)
            item.number = number
            yield item

def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".lines":
        return Lines.from_parent(parent, path=file_path)
""",
    "a.lines": "same other same same",
}


@pytest.fixture
def write(pytester: pytest.Pytester) -> Callable[[Files], None]:
    def write(files: Files) -> None:
        for name, source in files.items():
            path = pytester.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, "utf-8")

    return write


@pytest.fixture
def collect(pytester: pytest.Pytester) -> Collect:
    """The controller's items."""

    def collect(*arguments: str) -> Sequence[pytest.Item]:
        items, _ = pytester.inline_genitems("-p", "no:cacheprovider", *arguments)
        assert items
        return items

    return collect


@pytest.fixture
def start(pytester: pytest.Pytester) -> Iterator[Start]:
    """A worker's items, in a session that has collected nothing."""
    modules = dict(sys.modules)

    def start(*arguments: str) -> CollectedItems:
        config = pytester.parseconfigure("-p", "no:cacheprovider", *arguments)
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
        return CollectedItems(session)

    yield start
    for name in sys.modules.keys() - modules.keys():
        del sys.modules[name]


def closure(item: Any) -> dict[str, list[str]]:
    """Where each fixture that an item uses was found."""
    definitions = item._fixtureinfo.name2fixturedefs
    return {name: [str(one.baseid) for one in definitions.get(name, ())] for name in item.fixturenames}


def test_a_forked_worker_has_the_controllers_items(collect: Collect, write: Callable[[Files], None]) -> None:
    write(KINDS)
    items = collect()

    assert [InheritedItems(items).find(index) for index in range(len(items))] == items


@pytest.mark.parametrize("files", [NESTED, PACKAGES, KINDS], ids=["nested", "packages", "kinds"])
def test_a_spawned_worker_finds_each_item_with_the_same_fixtures(
    write: Callable[[Files], None], collect: Collect, start: Start, files: Files
) -> None:
    write(files)
    items = collect()
    expected = [(item.nodeid, type(item), closure(item)) for item in items]
    found = start()
    found.describe(tuple(addresses(items)))

    assert [(item.nodeid, type(item), closure(item)) for item in map(found.find, range(len(items)))] == expected


def test_the_order_in_which_checks_are_asked_for_does_not_matter(
    write: Callable[[Files], None], collect: Collect, start: Start
) -> None:
    write(NESTED)
    items = collect()
    expected = [closure(item) for item in items]
    found = start()
    for address in reversed(addresses(items)):
        found.describe((address,))
        assert closure(found.find(address.check)) == expected[address.check]


def test_files_that_nobody_asks_for_are_not_imported(
    write: Callable[[Files], None], collect: Collect, start: Start
) -> None:
    write({"test_wanted.py": "def test_it(): pass", "test_other.py": "def test_it(): pass"})
    items = collect()
    wanted = next(address for address in addresses(items) if "wanted" in address.nodeid)
    found = start()
    found.describe(tuple(addresses(items)))

    assert found.find(wanted.check).nodeid == "test_wanted.py::test_it"

    assert "test_wanted" in sys.modules
    assert "test_other" not in sys.modules


def test_items_of_one_id_are_told_apart(write: Callable[[Files], None], collect: Collect, start: Start) -> None:
    write(DUPLICATES)
    items = collect()
    found = start()
    found.describe(tuple(addresses(items)))

    assert [address.occurrence for address in addresses(items)] == [0, 0, 1, 2]
    numbers = [getattr(found.find(index), "number", None) for index in range(len(items))]
    assert numbers == [0, 1, 2, 3]


def test_an_item_that_is_not_there_any_more_is_a_readable_error(
    write: Callable[[Files], None], collect: Collect, start: Start
) -> None:
    write({"test_a.py": "import random\ndef test_it(): pass"})
    items = collect()
    write({"test_a.py": "def test_other(): pass"})
    found = start()
    found.describe(tuple(addresses(items)))

    with pytest.raises(LookupError, match=r"test_a\.py::test_it could not be collected by this worker"):
        found.find(0)


def test_a_file_that_cannot_be_collected_says_why(
    write: Callable[[Files], None], collect: Collect, start: Start
) -> None:
    write({"test_a.py": "def test_it(): pass"})
    items = collect()
    write({"test_a.py": "import os\nraise RuntimeError('only here')\ndef test_it(): pass"})
    found = start()
    found.describe(tuple(addresses(items)))

    with pytest.raises(LookupError, match="RuntimeError: only here"):
        found.find(0)
