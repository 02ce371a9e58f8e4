"""JSON that stands in a text for people: in a Markdown fence, between explanations, or both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from pytest_parallel_agents.agents.output import Unreadable

_BEGINNING: Final = re.compile(r"""^[ \t]*(?:(?P<object>\{)\s*["}]|(?P<list>\[)\s*[{\]])""", re.MULTILINE)
_END: Final = re.compile(r"[ \t\r]*(?:\n|\Z)")


def json_values(text: str) -> Iterator[tuple[object, str]]:
    """Each object and each list of objects that fills lines of its own, decoded and as it stands.

    What looks like one and is none may be an answer that breaks off, and within it something may look like a whole one:
    then Unreadable is raised.
    """
    decoder = json.JSONDecoder()
    position = 0
    while match := _BEGINNING.search(text, position):
        start = match.start(match.lastgroup or 0)
        try:
            value, position = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            raise Unreadable(f"its output cannot be read: {error}") from error
        except RecursionError as error:
            raise Unreadable("its output cannot be read: it is nested too deeply") from error
        if _END.match(text, position):
            yield value, text[start:position]
