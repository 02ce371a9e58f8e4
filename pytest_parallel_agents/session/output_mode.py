"""How the terminal shows a run: for people, or for a coding assistant. What only that needs is imported for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final

import pytest

from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.session.progress import Display

if TYPE_CHECKING:
    from pytest_parallel_agents.session.compact import Compact, QuietDisplay

_PLUGIN: Final = "parallel-agents-compact"


def choose_output(config: pytest.Config, options: Options) -> None:
    """Makes the terminal compact where that is wanted. What is a list that was asked for is never cut."""
    is_list = options.plan_only or options.interactive or config.option.collectonly
    if options.compact and not is_list:
        from pytest_parallel_agents.session.compact import Compact

        config.pluginmanager.register(Compact(config), _PLUGIN)


def compact_of(config: pytest.Config) -> Compact | None:
    """What makes the terminal compact; None if nothing does."""
    found: Compact | None = config.pluginmanager.getplugin(_PLUGIN)
    return found


def display_of(config: pytest.Config, store: ResultStore, seconds: Mapping[str, float]) -> Display | QuietDisplay:
    """What shows the run while it is under way. `seconds`: see `Display`."""
    compact = compact_of(config)
    return Display(config, store, seconds) if compact is None else compact.display()


def audible(config: pytest.Config) -> AbstractContextManager[None]:
    """What is written within the block is shown in any case."""
    compact = compact_of(config)
    return nullcontext() if compact is None else compact.audible()
