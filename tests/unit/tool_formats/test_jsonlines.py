from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats import jsonlines
from pytest_parallel_agents.tool_formats.output import Output, Unreadable

ROOT = Path("/root-of-the-project")
FULL = {"message": "m", "rule": "R", "level": "note", "path": "/root-of-the-project/a.py", "line": 3, "end_line": 4}
FULL_FINDING = Finding(rule="R", level=Level.NOTE, message="m", path="a.py", line=3, end_line=4)


def output(text: str, *, exit_code: int = 0, stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=text, stderr=stderr)


def test_jsonlines_skips_blank_lines() -> None:
    text = f'{json.dumps(FULL)}\n\n{{"message": "bare"}}\n'

    assert [finding.message for finding in jsonlines.read(output(text), ROOT).findings] == ["m", "bare"]


def test_jsonlines_names_the_line_that_is_none() -> None:
    with pytest.raises(Unreadable, match=r"its output cannot be read: .*, line 2$"):
        jsonlines.read(output('{"message": "m"}\nwarning: old\n'), ROOT)
