"""Excerpts of long texts: the beginning, the end, and how much was left out between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

END: Final = 64 * 1024
MOST: Final = 2 * END + 1024
"""Bytes that are kept whole. A little more than both ends, so that no excerpt is cut again."""

_LONGEST: Final = 4
"""Bytes of the longest character in UTF-8."""


def excerpt(read: Callable[[int, int], bytes], size: int, *, end: int = END) -> str:
    """The first and the last `end` bytes of a text of `size`, which is more; `read(start, length)` gives some of them.

    Both are cut between lines where they have any, and never within a character.
    """
    head, tail = _head(read(0, end)), _tail(read(size - end, end))
    left_out = size - len(head) - len(tail)
    return f"{_text(head)}\n... {left_out:,} bytes left out ...\n{_text(tail)}"


def cut(text: str, most: int) -> str:
    """The first `most` characters of a text that has more, and how many were left out; all if that is not longer."""
    left_out = len(text) - most
    note = f" ... {left_out:,} characters left out"
    return text if left_out <= len(note) else text[:most] + note


def shortened(text: str) -> str:
    """The text itself, or an excerpt of it."""
    if len(text) <= MOST:
        return text
    data = text.encode("utf-8", "surrogatepass")
    return excerpt(lambda start, length: data[start : start + length], len(data))


def _head(data: bytes) -> bytes:
    lines, newline, _ = data.rpartition(b"\n")
    if newline:
        return lines
    end = len(data) - 1
    while end > len(data) - _LONGEST and _continues(data[end]):
        end -= 1
    return data[:end]


def _tail(data: bytes) -> bytes:
    _, _, lines = data.partition(b"\n")
    if lines:
        return lines
    start = 0
    while start < _LONGEST and _continues(data[start]):
        start += 1
    return data[start:]


def _continues(byte: int) -> bool:
    """Whether a byte is inside a character of UTF-8: 10xxxxxx."""
    return byte in range(0x80, 0xC0)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
