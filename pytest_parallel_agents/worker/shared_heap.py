"""The heap that a forked worker shares with the process that it is a copy of.

It is frozen: a garbage collection that went through it would write to all its pages, and so copy them. But a check that
asks the collector for objects, or has it collect, is to meet those from before the fork as well.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from pytest_parallel_agents.code_origin import PACKAGE

_SEARCHES: Final = frozenset({"gc.get_objects", "gc.get_referrers"})
_OLDEST: Final = 2


@contextmanager
def frozen_until_searched() -> Iterator[None]:
    """Unfreezes the heap when a check searches it. Collections that come by themselves leave it frozen."""
    unfreeze = gc.unfreeze
    over = False

    def audit(event: str, _arguments: object, searches: frozenset[str] = _SEARCHES) -> None:
        if event in searches and not over:  # most events are others: it has to be quick
            unfreeze()

    def collection(phase: str, info: Mapping[str, int]) -> None:
        if phase == "start" and info["generation"] == _OLDEST and _calls_collect(sys._getframe(1)):  # noqa: SLF001
            unfreeze()

    sys.addaudithook(audit)  # there is no way to remove it
    gc.callbacks.append(collection)
    try:
        yield
    finally:
        over = True
        with suppress(ValueError):  # a check has removed it
            gc.callbacks.remove(collection)


def _calls_collect(frame: FrameType) -> bool:
    ours = str(frame.f_globals.get("__name__")).startswith(f"{PACKAGE}.")
    return "collect" in frame.f_code.co_names and not ours
