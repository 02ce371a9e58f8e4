"""Our own JSON, for commands that are written for this plugin.

Either a list of findings, or an object with the keys `findings` and `measurements`, both optional. A finding has
`message`, and if known `rule`, `level` (note, warning or error, which is the default), `path`, `line` and `end_line`. A
measurement has `name`, `calls`, `cpu_seconds`, `wall_seconds`, `peak_bytes` (or null), and if known `hot_spots`, whose
entries have `path`, `line`, `function`, `calls`, `self_seconds` and `cumulative_seconds`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from pytest_parallel_agents.agents.formats.decoding import FindingShape, decode
from pytest_parallel_agents.agents.output import Output
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Measurement


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    findings: list[FindingShape] = []
    measurements: list[Measurement] = []


def read(output: Output, root: Path) -> Evidence:
    document = _document(output.stdout)
    return Evidence(
        findings=tuple(shape.finding(root) for shape in document.findings),
        measurements=tuple(_placed(measurement, root) for measurement in document.measurements),
    )


def _document(text: str) -> _Document:
    if text.lstrip().startswith("["):
        return _Document(findings=decode(text, list[FindingShape]))
    return decode(text, _Document)


def _placed(measurement: Measurement, root: Path) -> Measurement:
    hot_spots = tuple(replace(spot, path=place(spot.path, root)) for spot in measurement.hot_spots)
    return replace(measurement, hot_spots=hot_spots)
