from __future__ import annotations

import pytest

from pytest_parallel_agents.compat.following import asks_what_follows


@pytest.mark.parametrize(
    ("hook", "asks"),
    [
        ("def pytest_runtest_setup(item): ...", False),
        ("def pytest_runtest_teardown(item, nextitem): item.name", False),
        ("def pytest_runtest_teardown(item, nextitem):\n if nextitem is None: raise OSError", True),
        ("def pytest_runtest_teardown(nextitem): print(nextitem and nextitem.location)", True),
        ("def pytest_runtest_protocol(item, nextitem): return runtestprotocol(item, nextitem=nextitem)", False),
        ("def pytest_runtest_protocol(item, nextitem): runner.pytest_runtest_protocol(item, nextitem)", False),
        ("def pytest_runtest_protocol(item, nextitem): switches(item, nextitem)", True),
    ],
)
def test_whether_a_hook_looks_at_the_next_item(pytester: pytest.Pytester, hook: str, asks: bool) -> None:  # noqa: FBT001
    pytester.makeconftest(hook)

    assert asks_what_follows(pytester.parseconfigure()) is asks


def test_a_hook_without_a_source_may_ask(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('exec("def pytest_runtest_teardown(item, nextitem): ...")')

    assert asks_what_follows(pytester.parseconfigure())
