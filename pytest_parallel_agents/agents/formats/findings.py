"""Our own JSON, for commands that are written for this plugin, and for language models that are told of it.

Either a list of findings, or an object with the keys `findings` and `measurements`, both optional; its schema ships
with the package. Text for people may stand around it if the JSON fills lines of its own, in a Markdown fence or not.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.agents.formats.decoding import decode
from pytest_parallel_agents.agents.formats.embedded import json_values
from pytest_parallel_agents.agents.formats.locating import Locator, Prefix, path_map
from pytest_parallel_agents.agents.formats.shapes import FindingShape
from pytest_parallel_agents.agents.output import Output, Reader, Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model import Evidence
from pytest_parallel_agents.tables import Table


class FindingsDocument(msgspec.Struct, forbid_unknown_fields=True):
    """What a command found and measured."""

    findings: list[FindingShape] = []
    measurements: list[Measurement] = []


FindingsShape: TypeAlias = FindingsDocument | list[FindingShape]


def configured(table: Table) -> Reader:
    return partial(read, prefixes=path_map(table))


def read(output: Output, root: Path, prefixes: tuple[Prefix, ...] = ()) -> Evidence:
    document = _document(output.stdout.removeprefix("\ufeff"))
    locator = Locator(root, prefixes)
    return Evidence(
        findings=tuple(shape.finding(locator) for shape in document.findings),
        measurements=tuple(_placed(measurement, root) for measurement in document.measurements),
    )


def _document(text: str) -> FindingsDocument:
    try:
        return _decoded(text)
    except Unreadable:
        if _is_json(text):
            raise
        answer = _answer(text)
        if answer is None:
            raise
        return _decoded(answer)


def _decoded(text: str) -> FindingsDocument:
    found: FindingsShape = decode(text, FindingsShape)
    return FindingsDocument(findings=found) if isinstance(found, list) else found


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, ValueError, RecursionError):
        return False
    return True


def _answer(text: str) -> str | None:
    """The only value in the text that can be meant; None when there is none. With several it is not known which."""
    answers = [stands for value, stands in json_values(text) if _is_meant(value)]
    if len(answers) > 1:
        raise Unreadable(f"its output cannot be read: it has {len(answers)} answers")
    return answers[0] if answers else None


def _is_meant(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and not value.keys().isdisjoint(_KEYS))


_KEYS = frozenset(FindingsDocument.__struct_fields__)


def _placed(measurement: Measurement, root: Path) -> Measurement:
    hot_spots = tuple(replace(spot, path=place(spot.path, root)) for spot in measurement.hot_spots)
    return replace(measurement, hot_spots=hot_spots)
