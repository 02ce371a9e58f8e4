"""Which module to compile next, beside a process that imports all of them one after the other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


class Turns:
    """Modules that are left to compile. `sizes` are the bytes of their sources, in the order of their imports.

    The other process compiles what it reaches first, and takes what is compiled by then.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sizes
        self._left = list(range(len(sizes)))
        self._reached = -1

    def reached(self, module: int) -> None:
        """The other process has come to this module."""
        self._reached = module
        place = bisect_left(self._left, module)
        if self._left[place : place + 1] == [module]:
            del self._left[place]

    def next(self) -> int | None:
        """The first module before which the other process has as much to compile itself; None if none is left.

        So it is ready in time. Both are busy to the end, however long the other one takes to import what it finds.
        """
        before = 0
        for place in range(bisect_right(self._left, self._reached), len(self._left)):
            size = self._sizes[self._left[place]]
            if before >= size:
                return self._left.pop(place)
            before += size
        return self._left.pop() if self._left else None
