from __future__ import annotations

from typing import Any

import pytest

from pytest_parallel_agents.compat.questions import Configured
from pytest_parallel_agents.compat.worker_branch import configure_as_worker, retire


class Reporter:
    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[str] = []

    def pytest_runtest_setup(self) -> None:
        self.heard.append("setup")

    def pytest_sessionfinish(self) -> None:
        self.heard.append("finish")


class Plugin:
    """Takes another branch in a worker, unless it cannot."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def pytest_configure(self, config: Any) -> None:
        if self.error is not None:
            raise self.error
        config.pluginmanager.register(Reporter("worker"), "reporter")


@pytest.fixture
def config(pytester: pytest.Pytester) -> pytest.Config:
    return pytester.parseconfig()


def asked(config: pytest.Config, plugin: Plugin, *registered: object) -> Configured:
    """What is known of the plugin after it has registered these as the controller's."""
    config.pluginmanager.register(plugin, "plugin")
    hooks = config.hook.pytest_configure.get_hookimpls()
    implementation: Any = next(each for each in hooks if each.plugin is plugin)
    return Configured(implementation, implementation.function.__code__, list(registered))


def call(config: pytest.Config, *plugins: object) -> None:
    """Call both hooks for these alone."""
    others = [plugin for plugin in config.pluginmanager.get_plugins() if plugin not in plugins]
    config.pluginmanager.subset_hook_caller("pytest_runtest_setup", others)(item=None)
    config.pluginmanager.subset_hook_caller("pytest_sessionfinish", others)(session=None, exitstatus=0)


def test_a_retired_plugin_gets_no_hooks_and_frees_its_name(config: pytest.Config) -> None:
    manager, old, new = config.pluginmanager, Reporter("controller"), Reporter("worker")
    manager.register(old, "reporter")

    taken = retire(manager, old)
    manager.register(new, "reporter")
    call(config, old, new)

    assert sorted(caller.name for caller, _ in taken) == ["pytest_runtest_setup", "pytest_sessionfinish"]
    assert (old.heard, new.heard) == ([], ["setup", "finish"])
    assert manager.getplugin("reporter") is new
    assert manager.unregister(old) is old
    assert retire(manager, old) == []


def test_what_asked_is_configured_as_a_workers(config: pytest.Config) -> None:
    old, plugin = Reporter("controller"), Plugin()
    config.pluginmanager.register(old, "reporter")

    assert configure_as_worker(config, [asked(config, plugin, old)]) == []

    new: Any = config.pluginmanager.getplugin("reporter")
    call(config, old, new)
    assert (new.name, old.heard, new.heard) == ("worker", [], ["setup", "finish"])


def test_a_plugin_that_cannot_be_configured_goes_on_serving_tests(config: pytest.Config) -> None:
    old, plugin = Reporter("controller"), Plugin(RuntimeError("once is enough"))
    config.pluginmanager.register(old, "reporter")

    (complaint,) = configure_as_worker(config, [asked(config, plugin, old)])

    call(config, old)
    assert old.heard == ["setup"]
    assert complaint.startswith("plugin could not be configured as a forked worker's plugin (RuntimeError: once is")
    assert "--tx popen" in complaint
