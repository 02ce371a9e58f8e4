"""Space for the frames of the calls that checks make, allocated once.

CPython keeps a thread's frames in chunks of 16 KiB (`push_chunk` in its pystate.c). It allocates a chunk from the
system when a call does not fit the last one, and frees it when that call returns. Where a loop calls just at the end of
a chunk, each call costs two system calls and a page fault, some 10 µs, and at which depth that is is chance: it took a
tenth of the time of attrs' tests. A frame that needs a large chunk leaves the rest of it to the calls within.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

_SLOTS: Final = 2**16
"""Half of a chunk of 1 MiB, in pointers, never written to: chunks grow by powers of two, and the other half is left."""


def with_frame_stack(function: _Function) -> _Function:
    """Within calls of the function frames up to 512 KiB in all need no further chunk.

    It must begin with `sys._getframe()`, or the first walk along the stack makes its frame an object, 512 KiB large.
    """
    function.__code__ = function.__code__.replace(co_stacksize=_SLOTS)
    return function
