"""When not to search for garbage: while what is made is made to stay."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Generator[None]:
    """Do not search the growing heap over and over for what was only just made to stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # both together make all of it old, so that the next allocation does not search through it
        if was_enabled:
            gc.enable()
