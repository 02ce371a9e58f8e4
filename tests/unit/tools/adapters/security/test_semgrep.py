from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.security.semgrep import SEMGREP, read


def output(*, errors: object = (), severity: str = "ERROR") -> Output:
    place = {"start": {"line": 2}, "end": {"line": 3}}
    result = {"check_id": "r", "path": "a.py", "extra": {"message": "m", "severity": severity}} | place
    return Output(exit_code=0, stdout=json.dumps({"errors": errors, "results": [result]}), stderr="")


@pytest.mark.parametrize(
    ("severity", "level"), [("CRITICAL", Level.ERROR), ("MEDIUM", Level.WARNING), ("INFO", Level.NOTE)]
)
def test_severities(severity: str, level: Level, tmp_path: Path) -> None:
    (finding,) = read(output(severity=severity), tmp_path).findings

    assert (finding.rule, finding.level, finding.line, finding.end_line) == ("r", level, 2, 3)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("Timeout", "timeout"),
        ("Syntax error", "syntax-error"),
        (["PartialParsing", [{"path": "b.py"}]], "partial-parsing"),
    ],
)
def test_what_was_not_done_is_a_finding(kind: object, rule: str, tmp_path: Path) -> None:
    error = {"level": "warn", "type": kind, "message": "m", "path": "b.py"}

    _, finding = read(output(errors=[error]), tmp_path).findings

    assert (finding.rule, finding.level, finding.path, finding.line) == (rule, Level.WARNING, "b.py", None)
    assert finding.level.severity >= SEMGREP.fail_on.severity


def test_an_error_is_no_verdict(tmp_path: Path) -> None:
    errors = [{"level": "error", "type": "SemgrepError", "message": "out of order"}]

    with pytest.raises(Unreadable, match=r"^out of order$"):
        read(output(errors=errors), tmp_path)
