"""Which lines of a function are shown: all of a short one, else those around the likeliest."""

from __future__ import annotations

from typing import Final

MOST: Final = 14
_BEFORE: Final = 8


def lines_around(likeliest: int, first: int, last: int) -> range:
    """At most `MOST` of the lines from `first` to `last`, `likeliest` among them.

    More of them stand before it: what it works with is made there.
    """
    if last - first < MOST:
        return range(min(first, likeliest), max(last, likeliest) + 1)
    start = max(first, min(likeliest - _BEFORE, last - MOST + 1))
    return range(start, start + MOST)
