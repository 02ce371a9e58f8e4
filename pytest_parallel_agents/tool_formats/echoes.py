"""Text that a command was sent, and prints again: a prompt holds an example of an answer, which is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

_MARKUP: Final = re.compile(r"[\s>|●•◦▪⏺*-]+")
_FENCE: Final = re.compile(r"`{3,}|~{3,}")
_NEAR: Final = 4096
"""Characters around a part in which a neighbour is searched for."""
_MOST_FOLDED: Final = 10_000
"""Characters of a part that is found with other white space too."""


class Echoes:
    """The parts of `text` that were in `sent`. Lines are compared without indentation, bullets and marks of
    quotations.
    """

    def __init__(self, text: str, sent: str) -> None:
        self._text = text
        self._sent = sent
        self._neighbours = frozenset(pairwise(_bare(sent.splitlines())))

    def whole(self, start: int, stop: int) -> bool:
        """Whether the value from `start` to `stop` is one that was sent.

        It is if `sent` has it and it holds a message, or has the same neighbour as there: an answer that nothing was
        found is always worded alike.
        """
        part = self._text[start:stop]
        before, after = _before(self._text, start), _after(self._text, stop)
        return any(
            "message" in part
            or (before and before == _before(self._sent, first))
            or (after and after == _after(self._sent, last))
            for first, last in _places(part, self._sent)
        )

    def line_at(self, start: int) -> bool:
        """Whether the line that begins at `start`, but for its markup, was sent after the same line as here."""
        end = self._text.find("\n", start)
        line = self._text[start:] if end < 0 else self._text[start:end]
        return any((_before(self._text, start), bare) in self._neighbours for bare in _bare([line]))

    def line(self, line: str) -> bool:
        """Whether a line was sent, or is a part of one that was."""
        return line.strip() in self._sent


def _places(part: str, sent: str) -> Iterator[tuple[int, int]]:
    """Where a part begins and ends in what was sent. A pattern of megabytes would take minutes to compile."""
    if len(part) <= _MOST_FOLDED:
        words = part.split()
        if max(words, key=len, default="") in sent:  # a search for a pattern takes ten times as long
            yield from (match.span() for match in re.finditer(r"\s+".join(map(re.escape, words)), sent))
        return
    start = sent.find(part)
    while start >= 0:
        yield start, start + len(part)
        start = sent.find(part, start + len(part))


def _before(text: str, stop: int) -> str:
    """The line before, or the text before on the same line; empty where there is none."""
    first = max(0, stop - _NEAR)
    while stop > first:
        start = text.rfind("\n", first, stop) + 1 or first
        for line in _bare([text[start:stop]]):
            return line
        stop = start - 1
    return ""


def _after(text: str, stop: int) -> str:
    return next(_bare(text[stop : stop + _NEAR].splitlines()), "")


def _bare(lines: Iterable[str]) -> Iterator[str]:
    """The lines less markup, blank ones and fences."""
    for line in lines:
        markup = _MARKUP.match(line)
        bare = line[markup.end() if markup else 0 :].rstrip()
        if bare and not _FENCE.match(bare):
            yield bare
