"""Mistaken names of this plugin's table. Such a table would be ignored in silence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

TABLE: Final = "pytest-parallel-agents"

_MEANT: Final = "pytestparallelagents"
_SHORT: Final = ("parallelagents", "pytestagents")
"""Names that can only mean it, the second one as a table within pytest's own."""

_ALIKE: Final = 0.85
_MOST_LETTERS_OFF: Final = 2
_HOLDERS: Final = frozenset({"tool", "tools", "inioptions"})
"""Tables within which tools have theirs."""

_SECTION: Final = re.compile(r"^\[([^\]]+)\]", re.MULTILINE)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def misnamed_tables(content: Mapping[str, object], right: str) -> Iterator[str]:
    """The dotted names of the tables in a TOML document that are meant for the one that is named `right`."""
    for path in _meant(content, ()):
        name = ".".join(key if _BARE_KEY.fullmatch(key) else f'"{key}"' for key in path)
        if name != right:
            yield name


def misnamed_sections(text: str) -> Iterator[str]:
    """The names of the sections of an ini file that are meant for the table, which no ini file can hold."""
    for name in _SECTION.findall(text):
        if _is_meant(re.split(r"[.:]", name)):
            yield name


def _meant(content: Mapping[str, object], above: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for key, value in content.items():
        path = (*above, key)
        if not isinstance(value, Mapping):
            continue
        if _is_meant(path):
            yield path
        elif _MEANT.startswith(_letters(path)):
            yield from _meant(value, path)


def _is_meant(path: Sequence[str]) -> bool:
    letters = _letters(path)
    if _MEANT in (letters, _letters(path[-1:])) or letters == _SHORT[0]:
        return True
    if letters == _SHORT[1] and path[-1] == "agents":
        return True
    is_near = abs(len(letters) - len(_MEANT)) <= _MOST_LETTERS_OFF
    return is_near and difflib.SequenceMatcher(a=letters, b=_MEANT).ratio() >= _ALIKE


def _letters(path: Sequence[str]) -> str:
    words = (re.sub(r"[\W\d_]", "", key).lower() for key in path)
    return "".join(word for word in words if word not in _HOLDERS)
