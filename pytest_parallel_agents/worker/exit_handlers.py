"""Exit handlers of a forked worker: its own, and none of the controller's that it is a copy of.

The copy ends without the interpreter's own end, which would run the controller's handlers.
"""

from __future__ import annotations

import atexit
import logging
import sys
import weakref
from typing import Any


def forget_exit_handlers() -> None:
    """Leaves to the controller what was registered before the fork."""
    atexit._clear()  # noqa: SLF001
    finalize: Any = weakref.finalize
    for info in finalize._registry.values():  # noqa: SLF001
        info.atexit = False
    finalize._registered_with_atexit = False  # noqa: SLF001 - the next one registers itself again
    atexit.register(logging.shutdown)
    util = sys.modules.get("multiprocessing.util")
    if util is not None:  # as in a child that multiprocessing has forked itself
        util._finalizer_registry.clear()  # noqa: SLF001
        sys.modules["multiprocessing.process"]._children = set()  # type: ignore[attr-defined]  # noqa: SLF001
        atexit.register(util._exit_function)  # noqa: SLF001


def run_exit_handlers() -> None:
    """Runs what was registered since."""
    atexit._run_exitfuncs()  # noqa: SLF001
