"""Keeps the garbage collector from going through many long-lived objects over and over."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Generator
from contextlib import contextmanager

import pytest


@contextmanager
def gc_paused() -> Generator[None]:
    """Keeps the collector from searching the growing heap over and over for objects that stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # both together make all objects old, so that the next collection does not search them
        if was_enabled:
            gc.enable()


def collect_once() -> None:
    """Frees garbage at the session's end if an error of it would fail the run: pytest reports those. pytest collects
    twice, and goes only through what was made since.
    """
    reported = pytest.PytestUnraisableExceptionWarning
    if any(action == "error" and issubclass(reported, category) for action, _, category, *_ in warnings.filters):
        gc.collect()
    gc.freeze()
