"""What basedpyright, eslint and pylint say that the conformance suite does not make them say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.formats.output import Output, Unreadable
from pytest_parallel_agents.model import Finding, Level
from pytest_parallel_agents.tools.adapters import ADAPTERS
from pytest_parallel_agents.tools.adapters.linters import eslint, pylint
from pytest_parallel_agents.tools.adapters.type_checkers import basedpyright


def output(document: object, *, stderr: str = "") -> Output:
    return Output(exit_code=0, stdout=json.dumps(document), stderr=stderr)


def pylint_says(kind: str, symbol: str = "rule", line: int = 3) -> Output:
    message = {"type": kind, "symbol": symbol, "message": "m", "path": "a.py", "line": line, "endLine": None}
    return output({"messages": [message], "statistics": {}})


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("error", Level.ERROR),
        ("warning", Level.WARNING),
        ("refactor", Level.NOTE),
        ("convention", Level.NOTE),
        ("info", Level.NOTE),
    ],
)
def test_pylints_kinds(kind: str, level: Level, tmp_path: Path) -> None:
    (finding,) = pylint.read(pylint_says(kind), tmp_path).findings

    assert finding == Finding(rule="rule", level=level, message="m", path="a.py", line=3)
    assert finding.level.severity >= ADAPTERS["pylint"].fail_on.severity


@pytest.mark.parametrize(("kind", "symbol"), [("fatal", "parse-error"), ("error", "bad-plugin-value")])
def test_pylint_could_not_do_its_work(kind: str, symbol: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"^a\.py: m$"):
        pylint.read(pylint_says(kind, symbol), tmp_path)


def test_a_message_of_pylint_about_no_line(tmp_path: Path) -> None:
    (finding,) = pylint.read(pylint_says("error", line=0), tmp_path).findings

    assert finding.line is None


def basedpyright_says(severity: str, **keys: object) -> object:
    return {"version": "1", "generalDiagnostics": [{"file": "a.py", "severity": severity, "message": "m", **keys}]}


@pytest.mark.parametrize(
    ("severity", "level"), [("error", Level.ERROR), ("warning", Level.WARNING), ("information", Level.NOTE)]
)
def test_basedpyright_counts_lines_from_0(severity: str, level: Level, tmp_path: Path) -> None:
    lines = {"start": {"line": 0, "character": 4}, "end": {"line": 2, "character": 1}}
    said = output(basedpyright_says(severity, rule="reportX", range=lines))

    (finding,) = basedpyright.read(said, tmp_path).findings

    assert finding == Finding(rule="reportX", level=level, message="m", path="a.py", line=1, end_line=3)


def test_a_diagnostic_of_basedpyright_about_a_whole_file(tmp_path: Path) -> None:
    (finding,) = basedpyright.read(output(basedpyright_says("error")), tmp_path).findings

    assert (finding.rule, finding.line, finding.end_line) == ("basedpyright", None, None)


@pytest.mark.parametrize(
    "said",
    [
        'Config file "/x/pyrightconfig.json" could not be parsed. Verify that format is correct.',
        'Config "strict" entry must contain an array.',
        'invalid "typeCheckingMode" value: "harsh". expected: "off"',
    ],
)
def test_basedpyright_does_not_understand_its_settings(said: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="does not understand its configuration"):
        basedpyright.read(output(basedpyright_says("error"), stderr=f"(node:1) Warning: x\n{said}\n"), tmp_path)


def test_what_node_warns_of_does_no_harm(tmp_path: Path) -> None:
    said = "(node:1) ExperimentalWarning: x\n(Use `node --trace-warnings ...` to show where)\n"

    assert len(basedpyright.read(output(basedpyright_says("error"), stderr=said), tmp_path).findings) == 1


def test_what_eslint_warns_of_does_not_fail_the_check(tmp_path: Path) -> None:
    message = {"ruleId": None, "severity": 1, "message": "File ignored because of a matching ignore pattern."}
    said = output([{"filePath": str(tmp_path / "a.js"), "messages": [message], "suppressedMessages": [message]}])

    (finding,) = eslint.read(said, tmp_path).findings

    assert (finding.rule, finding.path, finding.line) == ("eslint", "a.js", None)
    assert finding.level.severity < ADAPTERS["eslint"].fail_on.severity
