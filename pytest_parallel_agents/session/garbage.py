"""What the garbage collector still does when a session has ended, whose items are many objects."""

from __future__ import annotations

import atexit
import gc
import warnings

import pytest

from pytest_parallel_agents.runtest.open_files import flush_open_files


def collect_seldom(config: pytest.Config) -> None:
    """Lets no collection go through all objects when the process ends, and leaves none of them frozen in one that goes
    on.
    """
    config.add_cleanup(gc.unfreeze)  # as the first it is the last to run
    atexit.unregister(_end_without_collection)
    atexit.register(_end_without_collection)


def collect_once() -> None:
    """Frees garbage at the session's end if an error of it would fail the run: pytest reports those. pytest collects
    twice, and goes only through what was made since.
    """
    reported = pytest.PytestUnraisableExceptionWarning
    if any(action == "error" and issubclass(reported, category) for action, _, category, *_ in warnings.filters):
        gc.collect()
    gc.freeze()


def _end_without_collection() -> None:
    """A process that ends needs no last garbage collection through all items, except for files that it would free."""
    flush_open_files()
    gc.freeze()
