"""Plugins that took the controller's branch when they were configured take the worker's in a forked copy.

A plugin that asked then whether this is a worker has registered what is right for a controller: a report that is
written at the end, a server for its workers. In the copy these get no calls any more, and the plugin is configured
again, now that the answer is another one.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, Final

import pytest

from pytest_parallel_agents.code_origin import is_of, is_project_file
from pytest_parallel_agents.compat.questions import Configured
from pytest_parallel_agents.compat.unshareable import open_descriptors

_REPORTING: Final = frozenset(
    {"pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish", "pytest_warning_recorded"}
    | {"pytest_sessionfinish", "pytest_unconfigure", "pytest_terminal_summary"}
)
"""Hooks in which a controller's plugin would write its report in a worker."""
CONNECTIONS: Final = pytest.StashKey[list[int]]()
"""Descriptors of sockets by which plugins are connected to their controller's side."""


def configure_as_worker(config: pytest.Config, asked: Iterable[Configured]) -> list[str]:
    """Configures again those that asked, with their modules reset if they can be configured only once.

    Returns the errors, for people. What such a plugin has registered as the controller's goes on serving tests, and
    reports nothing.
    """
    complaints = []
    before = open_descriptors()
    for implementation, _, registered in asked:
        if implementation.hookwrapper or implementation.wrapper:
            continue
        manager = config.pluginmanager
        retired = [each for plugin in registered for each in retire(manager, plugin)]
        try:
            with _known_hooks_allowed(manager):
                _configure(config, implementation)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            for caller, hook in retired:
                if caller.name not in _REPORTING:
                    caller._add_hookimpl(hook)  # noqa: SLF001
            what = f"{implementation.plugin_name} could not be configured as a forked worker's plugin"
            complaints.append(f"{what} ({type(error).__name__}: {error}); with --tx popen it can")
    config.stash[CONNECTIONS] = [
        fd for fd, target in open_descriptors().items() if target.startswith("socket:") and before.get(fd) != target
    ]
    return complaints


def _configure(config: pytest.Config, implementation: Any) -> None:
    def call() -> None:
        implementation.function(*[config] if "config" in implementation.argnames else [])

    try:
        call()
    except Exception:
        plugin = implementation.plugin
        if not isinstance(plugin, ModuleType) or is_project_file(getattr(plugin, "__file__", None) or ""):
            raise
        with _made_anew(plugin.__name__.partition(".")[0]):
            call()


@contextmanager
def _made_anew(package: str) -> Iterator[None]:
    """Resets the modules of an installed package: their contents are as after an import.

    pytest's hooks and fixtures are functions of theirs, and see the new contents. If the block fails, all is restored.
    """
    modules = [module for name, module in list(sys.modules.items()) if is_of(name, package)]
    held = [dict(vars(module)) for module in modules]
    try:
        for module in modules:
            importlib.reload(module)
        yield
    except Exception:
        for module, names in zip(modules, held, strict=True):
            vars(module).clear()
            vars(module).update(names)
        raise


def retire(manager: pytest.PytestPluginManager, plugin: object) -> list[tuple[Any, Any]]:
    """Removes the plugin from all hooks, and frees its name. It can still be unregistered.

    Returns the callers of hooks that it was taken from, each with its implementation.
    """
    name = manager.get_name(plugin)
    if name is None:
        return []
    taken: list[tuple[Any, Any]] = []
    for caller in manager.get_hookcallers(plugin) or ():
        taken.extend((caller, hook) for hook in caller.get_hookimpls() if hook.plugin is plugin)
        caller._remove_plugin(plugin)  # noqa: SLF001
    names: Any = manager._name2plugin  # noqa: SLF001
    names[f"{name} of the controller"] = names.pop(name)
    return taken


@contextmanager
def _known_hooks_allowed(manager: pytest.PytestPluginManager) -> Iterator[None]:
    """Lets a plugin that registers hooks of its own register them once more."""
    anyone: Any = manager
    add = anyone.add_hookspecs

    def add_new(hooks: object) -> None:
        with suppress(ValueError):  # they are known already
            add(hooks)

    anyone.add_hookspecs = add_new
    try:
        yield
    finally:
        del anyone.add_hookspecs
