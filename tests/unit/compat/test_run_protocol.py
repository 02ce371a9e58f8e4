from __future__ import annotations

from collections.abc import Generator

import pytest

from pytest_parallel_agents.compat.run_protocol import least_reports


class Watches:
    """Sees how tests run, and changes nothing."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        return (yield)


class Runs:
    """Runs some tests in a way of its own."""

    def pytest_runtest_protocol(self) -> None: ...


@pytest.mark.parametrize(
    ("plugins", "arguments", "least"),
    [
        ([], [], 3),
        ([Watches()], [], 3),
        ([Watches(), Runs()], [], 0),
        ([], ["--setup-only"], 2),
        ([], ["--setup-show"], 3),
    ],
)
def test_least_reports(pytester: pytest.Pytester, plugins: list[object], arguments: list[str], least: int) -> None:
    config = pytester.parseconfigure("-pno:benchmark", *arguments)
    for plugin in plugins:
        config.pluginmanager.register(plugin)

    assert least_reports(config) == least
