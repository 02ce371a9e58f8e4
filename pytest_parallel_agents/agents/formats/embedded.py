"""JSON that stands in a text for people: in a Markdown fence, between explanations, in a stream of events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from pytest_parallel_agents.agents.formats.decoding import DECODER, Doubled
from pytest_parallel_agents.agents.formats.echoes import Echoes
from pytest_parallel_agents.agents.output import Unreadable

_DECORATION: Final = r"[ \t]*(?:[●•◦▪■◆▸►➤→⏺⎿*-][ \t]*)?(?:data:[ \t]*)?(?:(?:`+|~{3,})[\w-]*[ \t]*)?"
"""What may stand before a value on its line: a bullet, the word of an event stream, the beginning of a fence."""

_BEGINNING: Final = re.compile(rf"""^{_DECORATION}(?:(?P<object>\{{)\s*["}}]|(?P<list>\[)\s*[{{\]])""", re.MULTILINE)
_END: Final = re.compile(r"[ \t]*(?:`+|~{3,})?[ \t]*(?:\n|\Z)")
_TOKEN: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|[{}\[\]]')


class Part(NamedTuple):
    """A part of a text that is a JSON value, or would be one but for `error`."""

    start: int
    stop: int
    value: object = None
    error: str = ""
    breaks_off: bool = False


def json_parts(text: str, echoes: Echoes) -> Iterator[Part]:
    """Each object and each list of objects that fills lines of its own, in the order of the text.

    One that cannot be decoded goes on to where its brackets are closed, else to the end of the text, unless it begins
    with an echo: what looks like a whole value within it is none. Raises Unreadable when a value is nested too deeply
    or has a key twice.
    """
    position = 0
    while match := _BEGINNING.search(text, position):
        start = match.start(match.lastgroup or 0)
        try:
            value, position = DECODER.raw_decode(text, start)
        except (Doubled, RecursionError) as error:
            raise Unreadable(f"its output cannot be read: {error}") from error
        except ValueError as error:
            if echoes.line_at(start):
                position = start + 1
            else:
                closed = _closed(text, start)
                position = closed or len(text)
                yield Part(start, position, error=str(error), breaks_off=closed is None)
        else:
            if _END.match(text, position):
                yield Part(start, position, value)


def undecorated(text: str) -> str:
    """The text less a fence around it or a bullet before it."""
    stripped = text.strip()
    decoration = re.match(_DECORATION, stripped)
    return stripped[decoration.end() if decoration else 0 :].rstrip("`~ \t\n")


def _closed(text: str, start: int) -> int | None:
    """Where the bracket at `start` is closed, as far as brackets in texts can be told from others."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        if depth == 0:
            return token.end()
    return None
