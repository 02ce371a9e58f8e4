"""Files with something in their buffers that Python has not written yet.

The interpreter writes it when it frees the files at its end. A process that ends in another way has to do so itself.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import compress
from typing import Any, Final

from pytest_parallel_agents.early_bound import io

_BUFFERED: Final = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair)
_STANDARD: Final = (0, 1, 2)
"""Descriptors of the standard streams, which have rules of their own."""

OpenFiles = Sequence[weakref.ref[Any]]


def flush_open_files(known: OpenFiles = ()) -> OpenFiles:
    """Writes what the buffers of open files hold: of the `known` ones, and of those that the collector knows.

    After `gc.freeze` the collector knows those that were opened since.
    """
    kinds = set(_with_subclasses(_BUFFERED))
    objects = gc.get_objects()
    files = list(compress(objects, map(kinds.__contains__, map(type, objects))))  # there may be millions
    del objects
    _flush(file for file in [*files, *(reference() for reference in known)] if file is not None)
    return [weakref.ref(file) for file in files]


def _with_subclasses(kinds: Iterable[type]) -> Iterator[type]:
    for kind in kinds:
        yield kind
        yield from _with_subclasses(type.__subclasses__(kind))


def _flush(files: Iterable[Any]) -> None:
    for file in files:
        with suppress(Exception):  # it is closed, the disk is full, its reader has ended
            if file.fileno() not in _STANDARD:
                file.flush()
