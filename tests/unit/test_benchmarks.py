from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_parallel_agents.benchmarks import benchmark_session, is_benchmark
from pytest_parallel_agents.marks import agent_mark

CODE = """
import pytest
@pytest.fixture
def timer(benchmark): return benchmark
@pytest.mark.agent("profile", alone=False)
def test_it(timer): pass
"""


@pytest.fixture
def item(pytester: pytest.Pytester) -> pytest.Item:
    """One that reaches the fixture through another one."""
    return pytester.getitem(CODE, "test_it")


def session(item: pytest.Item) -> Any:
    found = benchmark_session(item.config)
    assert found is not None, "pytest-benchmark is installed for these tests"
    return found


def test_what_uses_the_fixture_is_a_benchmark_and_alone(item: pytest.Item) -> None:
    session(item).disabled = False
    assert is_benchmark(item)
    assert agent_mark(item).alone


@pytest.mark.parametrize("turned", ["disabled", "skip"])
def test_what_will_not_measure_is_none(item: pytest.Item, turned: str) -> None:
    session(item).disabled = False
    setattr(session(item), turned, True)
    assert not is_benchmark(item)
    assert not agent_mark(item).alone


def test_the_fixture_of_another_plugin_is_none(item: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_parallel_agents.benchmarks.benchmark_session", lambda _config: None)
    assert not is_benchmark(item)


def test_other_tests_are_none(pytester: pytest.Pytester) -> None:
    item = pytester.getitem("def test_it(): pass", "test_it")
    assert not is_benchmark(item)
    assert not is_benchmark(SimpleNamespace(config=item.config))  # type: ignore[arg-type]
