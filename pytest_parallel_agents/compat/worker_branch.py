"""Plugins that took the controller's branch when they were configured take the worker's in a forked copy.

A plugin that asked then whether this is a worker has registered what is right for a controller: a report that is
written at the end, a server for its workers. In the copy none of that may hear of anything, and the plugin is
configured again, now that the answer is another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from pytest_parallel_agents.compat.questions import Configured


def configure_as_worker(config: pytest.Config, asked: Iterable[Configured]) -> list[str]:
    """Configure again those that asked.

    Returns what went wrong, for people: not every plugin can be configured twice. It then remains the controller's.
    """
    complaints = []
    for implementation, _, registered in asked:
        if implementation.hookwrapper or implementation.wrapper:
            continue
        for plugin in registered:
            retire(config.pluginmanager, plugin)
        try:
            implementation.function(*[config] if "config" in implementation.argnames else [])
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            what = f"{implementation.plugin_name} could not be configured as a forked worker's plugin"
            complaints.append(f"{what} ({type(error).__name__}: {error}); with --tx popen it can")
    return complaints


def retire(manager: pytest.PytestPluginManager, plugin: object) -> None:
    """Have the plugin hear of nothing any more, and give its name away. It can still be unregistered."""
    name = manager.get_name(plugin)
    if name is None:
        return
    for caller in manager.get_hookcallers(plugin) or ():
        caller._remove_plugin(plugin)  # noqa: SLF001
    names: Any = manager._name2plugin  # noqa: SLF001
    names[f"{name} of the controller"] = names.pop(name)
