from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats.output import Unreadable
from pytest_parallel_agents.tools.adapters.type_checkers.basedpyright import read
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.program import locate
from tests.tools import reach
from tests.unit.tools.adapters.printed import printed

FAULT = 'def {}() -> int:\n    return "x"\n'


@pytest.mark.slow
def test_its_baseline_is_read_but_never_written(
    tmp_path: Path, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(monkeypatch, "basedpyright")
    source, baseline = tmp_path / "a.py", tmp_path / ".basedpyright" / "baseline.json"
    source.write_text(FAULT.format("f") + FAULT.format("g"), "utf-8")
    subprocess.run([str(locate("basedpyright", tmp_path)), "--writebaseline", "a.py"], cwd=tmp_path, check=False)
    before = baseline.read_text("utf-8")
    source.write_text(FAULT.format("f"), "utf-8")

    spec = spec_of("basedpyright", paths=["a.py"])
    output = execute(spec, Invocation(chosen=None, root=tmp_path, scratch=tmp_path, cache=tmp_path / ".cache"))

    assert interpret(spec, output, root=tmp_path).findings == ()
    assert baseline.read_text("utf-8") == before


def says(severity: str, **keys: object) -> object:
    return {"version": "1", "generalDiagnostics": [{"file": "a.py", "severity": severity, "message": "m", **keys}]}


@pytest.mark.parametrize(
    ("severity", "level"), [("error", Level.ERROR), ("warning", Level.WARNING), ("information", Level.NOTE)]
)
def test_it_counts_lines_from_0(severity: str, level: Level, tmp_path: Path) -> None:
    lines = {"start": {"line": 0, "character": 4}, "end": {"line": 2, "character": 1}}
    said = printed(says(severity, rule="reportX", range=lines))

    (finding,) = read(said, tmp_path).findings

    assert finding == Finding(rule="reportX", level=level, message="m", path="a.py", line=1, end_line=3)


def test_a_diagnostic_about_a_whole_file(tmp_path: Path) -> None:
    (finding,) = read(printed(says("error")), tmp_path).findings

    assert (finding.rule, finding.line, finding.end_line) == ("basedpyright", None, None)


@pytest.mark.parametrize(
    "said",
    [
        'Config file "/x/pyrightconfig.json" could not be parsed. Verify that format is correct.',
        'Config "strict" entry must contain an array.',
        'invalid "typeCheckingMode" value: "harsh". expected: "off"',
    ],
)
def test_it_does_not_understand_its_settings(said: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="does not understand its configuration"):
        read(printed(says("error"), stderr=f"(node:1) Warning: x\n{said}\n"), tmp_path)


def test_what_node_warns_of_does_no_harm(tmp_path: Path) -> None:
    said = "(node:1) ExperimentalWarning: x\n(Use `node --trace-warnings ...` to show where)\n"

    assert len(read(printed(says("error"), stderr=said), tmp_path).findings) == 1
