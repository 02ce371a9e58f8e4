"""JSON within a text for people: in a Markdown fence, between explanations, in a stream of events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from pytest_parallel_agents.tool_formats.decoding import DECODER, DuplicateKey
from pytest_parallel_agents.tool_formats.echoes import Echoes
from pytest_parallel_agents.tool_formats.output import Unreadable

_DECORATION: Final = r"[ \t]*(?:[●•◦▪■◆▸►➤→⏺⎿*-][ \t]*)?(?:data:[ \t]*)?(?:(?:`+|~{3,})[\w-]*[ \t]*)?"
"""Text that may precede a value on its line: a bullet, the word of an event stream, the beginning of a fence."""

_BEGINNING: Final = re.compile(rf"""^{_DECORATION}(?:(?P<object>\{{)\s*["}}]|(?P<list>\[)\s*[{{\]])""", re.MULTILINE)
_END: Final = re.compile(r"[ \t]*(?:`+|~{3,})?[ \t]*(?:\n|\Z)")
_TOKEN: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|[{}\[\]]')


class Part(NamedTuple):
    """A part of a text that is a JSON value, or would be one without the `error`."""

    start: int
    stop: int
    value: object = None
    error: str = ""
    breaks_off: bool = False


def json_parts(text: str, echoes: Echoes) -> Iterator[Part]:
    """Each object and each list of objects that fills lines of its own, in the order of the text.

    One that cannot be decoded extends to its closing bracket, else to the end of the text, unless it begins with an
    echo: no part of it counts as a whole value. Raises Unreadable when a value is nested too deeply or has a key twice.
    """
    starts = [match.start(match.lastgroup or 0) for match in _BEGINNING.finditer(text)]
    stops = _closed(text, frozenset(starts))
    position = 0
    for start in starts:
        if start < position or (start not in stops and echoes.line_at(start)):
            continue
        part = _part(text, start, stops.get(start))
        if part.error and echoes.line_at(start):
            continue
        position = part.stop
        if part.error or _END.match(text, position):
            yield part


def undecorated(text: str) -> str:
    """The text without a fence around it or a bullet before it."""
    stripped = text.strip()
    decoration = re.match(_DECORATION, stripped)
    return stripped[decoration.end() if decoration else 0 :].rstrip("`~ \t\n")


def _part(text: str, start: int, stop: int | None) -> Part:
    try:
        value = DECODER.decode(text[start:stop])
    except (DuplicateKey, RecursionError) as error:
        raise Unreadable(f"its output cannot be read: {error}") from error
    except ValueError as error:
        return Part(start, stop or len(text), error=str(error), breaks_off=stop is None)
    return Part(start, stop or len(text), value)


def _closed(text: str, starts: frozenset[int]) -> Mapping[int, int]:
    """Where the brackets at `starts` are closed, as far as brackets in strings can be recognized.

    No string continues on the next line, so a quotation mark that is not JSON's does no harm beyond its line.
    """
    stops: dict[int, int] = {}
    opened: list[int] = []
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            opened.append(token.start())
        elif token[0] in "}]" and opened and (start := opened.pop()) in starts:
            stops[start] = token.end()
    return stops
