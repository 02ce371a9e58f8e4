"""The next item that plugins get."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.runs import AgentsRun
from tests.functional.workers.conftest import Agents

TESTS = """
    import time
    import pytest

    @pytest.fixture(scope="module")
    def wide(): yield

    @pytest.mark.parametrize("number", range(6))
    def test_it(number): time.sleep({seconds} * (1 + number % 3))

    def test_one(wide): time.sleep({seconds})
    def test_two(wide): time.sleep({seconds})
"""
KEEPS = """
    import pytest

    def pytest_configure(config):
        config.ran = []

    def pytest_sessionfinish(session):
        if hasattr(session.config, "workerinput"):
            session.config.workeroutput["ran"] = session.config.ran

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(node):
        if node.workeroutput["ran"]:
            node.config.get_terminal_writer().line(f"ran {node.workeroutput['ran']}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(item, nextitem):
        followed = nextitem and nextitem.nodeid
        item.config.ran.append((item.nodeid, followed))
"""


def ran(run: AgentsRun) -> list[list[tuple[str, str | None]]]:
    """The items that each worker ran, with the next item that it got."""
    found: list[Any] = [eval(line.partition("ran ")[2]) for line in run.stdout.splitlines() if "ran [" in line]  # noqa: S307
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.03])
def test_a_plugin_that_asks_what_follows_gets_the_truth(
    pytester: pytest.Pytester, agents: Agents, seconds: float
) -> None:
    pytester.makeconftest(KEEPS)
    pytester.makepyfile(**{f"test_{name}": TESTS.format(seconds=seconds) for name in "abc"})

    run = agents("-n2")

    assert run.exit_code == 0
    workers = ran(run)
    assert sum(map(len, workers)) == 24
    for items in workers:
        assert [followed for _, followed in items] == [*(nodeid for nodeid, _ in items[1:]), None]
