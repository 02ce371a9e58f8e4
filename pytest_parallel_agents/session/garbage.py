"""What the garbage collector still does when a session has ended, whose items are many objects."""

from __future__ import annotations

import atexit
import gc
import warnings
from typing import Final

import pytest

from pytest_parallel_agents.runtest.open_files import flush_open_files

_NAME: Final = "parallel-agents-garbage"


def end_without_collection(config: pytest.Config) -> None:
    """Lets no collection go through all objects when the process ends, and leaves none of them frozen in one that goes
    on.
    """
    config.add_cleanup(gc.unfreeze)  # as the first it is the last to run
    atexit.unregister(_at_exit)
    atexit.register(_at_exit)


def collect_once(config: pytest.Config) -> None:
    """Lets at most one collection go through all objects at the end of a session with forked workers."""
    if not config.pluginmanager.hasplugin(_NAME):
        config.pluginmanager.register(_Garbage(), _NAME)


class _Garbage:
    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """Frees garbage if an error of it would fail the run: pytest reports those. pytest collects twice after that,
        and goes only through what was made since.
        """
        reported = pytest.PytestUnraisableExceptionWarning
        if any(action == "error" and issubclass(reported, category) for action, _, category, *_ in warnings.filters):
            gc.collect()
        gc.freeze()


def _at_exit() -> None:
    """A process that ends needs no last garbage collection through all items, except for files that it would free."""
    flush_open_files()
    gc.freeze()
