from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.agents.formats import findings
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.model import Finding, HotSpot, Level, Measurement

ROOT = Path("/root-of-the-project")
FULL = {"message": "m", "rule": "R", "level": "note", "path": "/root-of-the-project/a.py", "line": 3, "end_line": 4}
FULL_FINDING = Finding(rule="R", level=Level.NOTE, message="m", path="a.py", line=3, end_line=4)


def output(text: str, *, exit_code: int = 0, stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=text, stderr=stderr)


def test_findings_as_a_list() -> None:
    evidence = findings.read(output(json.dumps([FULL, {"message": "bare"}])), ROOT)

    assert evidence.findings == (FULL_FINDING, Finding(rule="", level=Level.ERROR, message="bare"))


def test_findings_with_measurements() -> None:
    spot = {"path": "./a.py", "line": 1, "function": "f", "calls": 2, "self_seconds": 0.5, "cumulative_seconds": 1.0}
    measurement = {"name": "n", "calls": 2, "cpu_seconds": 1, "wall_seconds": 1.5, "peak_bytes": None}
    document = {"findings": [FULL], "measurements": [{**measurement, "hot_spots": [spot]}]}

    evidence = findings.read(output(json.dumps(document)), ROOT)

    hot_spot = HotSpot(path="a.py", line=1, function="f", calls=2, self_seconds=0.5, cumulative_seconds=1.0)
    assert evidence.findings == (FULL_FINDING,)
    assert evidence.measurements == (
        Measurement(name="n", calls=2, cpu_seconds=1.0, wall_seconds=1.5, peak_bytes=None, hot_spots=(hot_spot,)),
    )


def test_a_misspelt_key_of_the_document_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="finding"):
        findings.read(output('{"finding": []}'), ROOT)


def test_an_unknown_level_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="fatal"):
        findings.read(output('[{"message": "m", "level": "fatal"}]'), ROOT)
