from __future__ import annotations

import pytest

from pytest_parallel_agents.collection.nodes import file_nodeid, file_of


def test_the_file_of_a_method(pytester: pytest.Pytester) -> None:
    item = pytester.getitem("class TestIt:\n    def test_it(self): ...", "test_it")
    file = file_of(item)
    assert file is not None
    assert file.path == item.path
    assert file_nodeid(item) == "test_the_file_of_a_method.py"


def test_an_item_of_no_file(pytester: pytest.Pytester) -> None:
    class Loose(pytest.Item):
        def runtest(self) -> None: ...

    session = pytester.getitem("def test_func(): ...").session
    item: pytest.Item = Loose.from_parent(session, name="loose")
    assert file_of(item) is None
    assert file_nodeid(item) == ""
