"""Separates a tool's document from what its plugins, hooks and settings print around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import msgspec

from pytest_parallel_agents.early_bound import json

Splitter: TypeAlias = Callable[[str], tuple[str, str]]
"""Takes a tool's standard output; returns the part to be read, and the rest."""

_BEGINNING: Final = re.compile(r"""\{(?=\s*")|\[(?=\s*\{)""")


def whole_output(text: str) -> tuple[str, str]:
    """For a tool that prints nothing else."""
    return text, ""


def document_with(*keys: str) -> Splitter:
    """For a tool that prints one JSON object with all of these keys, or a list of such objects.

    With several, or none, it is not known what the tool found: the text is returned as it is, so that its reader
    reports what is wrong with it.
    """

    def split(text: str) -> tuple[str, str]:
        if _is_json(text):
            return text, ""
        spans = [(start, end) for value, start, end in _values(text) if _has(value, keys)]
        if len(spans) != 1:
            return text, ""
        (start, end) = spans[0]
        return text[start:end], "\n".join(filter(None, (text[:start].strip("\n"), text[end:].strip("\n"))))

    return split


def lines_with(beginning: str) -> Splitter:
    """For a tool that prints JSON lines which begin like this. Text before one on its line belongs to the rest."""

    def split(text: str) -> tuple[str, str]:
        document, others = [], []
        for line in text.splitlines():
            before, begins, rest = line.partition(beginning)
            others += [before] if before.strip() else []
            document += [begins + rest] if begins else []
        return "\n".join(document), "\n".join(others)

    return split


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, ValueError, RecursionError):
        return False
    return True


def _values(text: str) -> Iterator[tuple[object, int, int]]:
    """Each JSON object and each list of objects in a text that is not within another one."""
    decoder = json.JSONDecoder(strict=False)
    position = 0
    while match := _BEGINNING.search(text, position):
        try:
            value, position = decoder.raw_decode(text, match.start())
        except (json.JSONDecodeError, RecursionError):
            position = match.end()
        else:
            yield value, match.start(), position


def _has(value: object, keys: tuple[str, ...]) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(one, dict) and one.keys() >= set(keys) for one in values)
