"""Our own JSON, for commands that are written for this plugin, and for language models that are prompted for it.

Either a list of findings, or an object with the key `findings` and, if it measured something, `measurements`; its
schema ships with the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.results import Evidence
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats.answers import find_answer
from pytest_parallel_agents.tool_formats.decoding import shaped
from pytest_parallel_agents.tool_formats.envelopes import complaint
from pytest_parallel_agents.tool_formats.locating import Locator, Prefix, path_map
from pytest_parallel_agents.tool_formats.output import Output, Reader, Unreadable
from pytest_parallel_agents.tool_formats.shapes import FindingShape, finding_shape

_DONE_CODES: Final = frozenset({0, 1})
"""The exit codes of a command that has done its work, whatever it found."""


_INCOMPLETE: Final = MappingProxyType({"truncated": True, "incomplete": True, "complete": False, "completed": False})
_WRONG: Final = MappingProxyType(dict.fromkeys(("success", "ok", "passed", "approved"), False))
"""Values of remarks beside the findings."""


class FindingsDocument(msgspec.Struct, forbid_unknown_fields=True):
    """The findings and measurements of a command."""

    findings: list[FindingShape]
    measurements: list[Measurement] = []


FindingsShape: TypeAlias = FindingsDocument | list[FindingShape]


def configured(table: Table) -> Reader:
    return partial(read, prefixes=path_map(table))


def read(output: Output, root: Path, prefixes: tuple[Prefix, ...] = ()) -> Evidence:
    try:
        document = _document(find_answer(output.stdout, output.sent))
    except RecursionError as error:
        raise Unreadable("its output cannot be read: it is nested too deeply") from error
    if output.exit_code not in _DONE_CODES:
        raise Unreadable("its answer may not be whole")
    locator = Locator(root, prefixes)
    return Evidence(
        findings=tuple(shape.finding(locator) for shape in document.findings),
        measurements=tuple(_placed(measurement, root) for measurement in document.measurements),
    )


def _document(answer: object) -> FindingsDocument:
    fields: Mapping[str, object] = answer if isinstance(answer, dict) else {"findings": answer}
    if problem := complaint(fields):
        raise Unreadable(f"it reports an error: {problem}")
    _refuse_hidden(fields)
    _refuse_contradiction(fields)
    findings = fields.get("findings", [])
    if not isinstance(findings, list):
        raise Unreadable("its output cannot be read: findings is no list")
    return FindingsDocument(
        findings=[finding_shape(entry, f"findings[{number}]") for number, entry in enumerate(findings)],
        measurements=shaped(fields.get("measurements", []), list[Measurement]),
    )


def _refuse_hidden(fields: Mapping[str, object]) -> None:
    """A text or a number beside the findings is a remark; a list or an object may hold findings, which would be
    lost.
    """
    for key, value in fields.items():
        if key not in FindingsDocument.__struct_fields__ and isinstance(value, list | dict) and value:
            raise Unreadable(f'its output cannot be read: the key "{key}" is none of findings, measurements')


def _refuse_contradiction(fields: Mapping[str, object]) -> None:
    """An answer that is incomplete by its own words, or has found nothing and yet something is wrong."""
    contrary = _INCOMPLETE if fields.get("findings") else {**_INCOMPLETE, **_WRONG}
    for key, value in fields.items():
        if isinstance(value, bool) and contrary.get(key.lower()) is value:
            found = "" if key.lower() in _INCOMPLETE else ", and it names no finding"
            raise Unreadable(f'its output cannot be read: its "{key}" is {str(value).lower()}{found}')


def _placed(measurement: Measurement, root: Path) -> Measurement:
    hot_spots = tuple(replace(spot, path=place(spot.path, root)) for spot in measurement.hot_spots)
    return replace(measurement, hot_spots=hot_spots)
