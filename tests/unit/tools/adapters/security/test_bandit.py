from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.security.bandit import read


def output(*results: dict[str, object], errors: list[dict[str, object]] | None = None) -> Output:
    return Output(exit_code=0, stdout=json.dumps({"errors": errors or [], "results": results}), stderr="")


@pytest.mark.parametrize(
    ("severity", "level"),
    [("LOW", Level.NOTE), ("MEDIUM", Level.WARNING), ("HIGH", Level.ERROR), ("UNDEFINED", Level.WARNING)],
)
def test_severities(severity: str, level: Level, tmp_path: Path) -> None:
    result = {
        "filename": "./a.py",
        "issue_severity": severity,
        "issue_text": "t",
        "line_number": 3,
        "line_range": [3, 4, 5],
        "test_id": "B1",
    }

    (finding,) = read(output(result), tmp_path).findings

    assert (finding.level, finding.path, finding.line, finding.end_line) == (level, "a.py", 3, 5)


def test_a_scan_that_crashed_on_a_file_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"a\.py: exception while scanning file"):
        read(output(errors=[{"filename": "a.py", "reason": "exception while scanning file"}]), tmp_path)
