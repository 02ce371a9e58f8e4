"""What the garbage collector still does when a session has ended, whose items are many objects."""

from __future__ import annotations

import atexit
import gc
import warnings

import pytest

from pytest_parallel_agents.runtest.open_files import flush_open_files


def collect_seldom(config: pytest.Config) -> None:
    """Lets hardly any collection go through all objects at the session's end and when the process ends, and leaves none
    of them frozen in a process that goes on.
    """
    config.add_cleanup(gc.unfreeze)  # as the first it is the last to run
    config.pluginmanager.register(_Garbage(), "parallel-agents-garbage")
    atexit.unregister(_end_without_collection)
    atexit.register(_end_without_collection)


class _Garbage:
    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Frees garbage if an error of it would fail the run: pytest reports those. pytest collects twice after that,
        and goes only through what was made since.
        """
        if hasattr(config, "workerinput"):  # forked, with a heap that is frozen
            return
        reported = pytest.PytestUnraisableExceptionWarning
        if any(action == "error" and issubclass(reported, category) for action, _, category, *_ in warnings.filters):
            gc.collect()
        gc.freeze()


def _end_without_collection() -> None:
    """A process that ends needs no last garbage collection through all items, except for files that it would free."""
    flush_open_files()
    gc.freeze()
