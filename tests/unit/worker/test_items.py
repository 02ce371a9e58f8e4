from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pytest_parallel_agents.worker.items import CollectedItems, InheritedItems

Collect = Callable[[], Sequence[pytest.Item]]

DUPLICATES = {
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
def collect(pytester: pytest.Pytester) -> Collect:
    def collect() -> Sequence[pytest.Item]:
        return pytester.inline_genitems("-p", "no:cacheprovider")[0]

    return collect


def ids(items: Sequence[pytest.Item]) -> list[str]:
    return [item.nodeid for item in items]


def test_a_forked_worker_has_the_controllers_items(pytester: pytest.Pytester, collect: Collect) -> None:
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass")
    items = collect()

    assert [InheritedItems(items).find(index) for index in range(2)] == items


def test_the_item_beside_another_one_is_the_next_if_there_is_one(pytester: pytest.Pytester, collect: Collect) -> None:
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass")
    items = collect()
    collected = CollectedItems(items[::2], ids(items), {})

    assert [InheritedItems(items).neighbour(index) for index in range(3)] == [items[1], items[2], items[1]]
    assert [collected.neighbour(index) for index in range(3)] == [items[2], items[2], items[0]]
    assert InheritedItems(items[:1]).neighbour(0) is None


def test_a_fresh_interpreter_finds_each_item_whatever_its_order(pytester: pytest.Pytester, collect: Collect) -> None:
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass")
    items = collect()
    nodeids = ids(items)
    found = CollectedItems([items[2], items[0], items[1]], nodeids, {})

    assert ids([found.find(index) for index in range(3)]) == nodeids


def test_what_only_this_worker_has_is_no_check(pytester: pytest.Pytester, collect: Collect) -> None:
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass")
    items = collect()

    assert CollectedItems(items, [items[1].nodeid], {}).find(0) is items[1]


def test_items_of_one_id_are_distinguished(pytester: pytest.Pytester, collect: Collect) -> None:
    for name, text in DUPLICATES.items():
        (pytester.path / name).write_text(text, "utf-8")
    items = collect()
    found = CollectedItems(items, ids(items), {})

    assert [item.name for item in items] == ["same", "other", "same", "same"]
    assert [getattr(found.find(index), "number", None) for index in range(len(items))] == [0, 1, 2, 3]


def test_a_check_that_is_not_there_is_a_readable_error() -> None:
    found = CollectedItems([], ["test_a.py::test_it"], {"test_b.py": "another file's"})

    with pytest.raises(
        LookupError, match=r"test_a\.py::test_it could not be collected by this worker\nthe controller has collected it"
    ):
        found.find(0)


@pytest.mark.parametrize("failed", ["tests/unit/test_a.py", "tests/unit/test_a.py::TestIt", "tests/unit", "tests"])
def test_a_check_whose_collector_failed_has_the_reason(failed: str) -> None:
    failures = {"tests/unit/test_a": "no", "test": "no", failed: "RuntimeError: only here"}
    found = CollectedItems([], ["tests/unit/test_a.py::TestIt::test_it"], failures)

    with pytest.raises(LookupError, match="RuntimeError: only here"):
        found.find(0)
