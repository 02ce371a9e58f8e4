from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.tool_formats import gitlab
from pytest_parallel_agents.tool_formats.output import Output

ROOT = Path("/root-of-the-project")


def output(text: str, *, exit_code: int = 0, stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=text, stderr=stderr)


@pytest.mark.parametrize(
    ("location", "span"),
    [
        ({"lines": {"begin": 3}}, (3, None)),
        ({"lines": {"begin": 3, "end": 4}}, (3, 4)),
        ({"positions": {"begin": {"line": 3, "column": 1}, "end": {"line": 5}}}, (3, 5)),
        ({"positions": {"begin": {"line": 3}}}, (3, None)),
        ({}, (None, None)),
    ],
)
def test_gitlab_locations(location: dict[str, object], span: tuple[int | None, int | None]) -> None:
    violation = {"description": "d", "check_name": "c", "location": {"path": "./a.py", **location}}

    (finding,) = gitlab.read(output(json.dumps([violation])), ROOT).findings

    assert (finding.path, (finding.line, finding.end_line)) == ("a.py", span)


@pytest.mark.parametrize(
    ("severity", "level"),
    [("info", "note"), ("minor", "warning"), ("major", "error"), ("critical", "error"), ("blocker", "error")],
)
def test_gitlab_severities(severity: str, level: str) -> None:
    violation = {"description": "d", "severity": severity, "location": {"path": "a.py"}}

    (finding,) = gitlab.read(output(json.dumps([violation])), ROOT).findings

    assert finding.level == level
