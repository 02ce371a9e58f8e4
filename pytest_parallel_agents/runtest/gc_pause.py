"""Pauses the garbage collector while long-lived objects are made."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


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
