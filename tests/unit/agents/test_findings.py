from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.agents.findings import Findings
from pytest_parallel_agents.model.results import Finding, Level


@pytest.fixture
def told() -> list[Finding]:
    return []


@pytest.fixture
def levels() -> list[Level]:
    return []


@pytest.fixture
def findings(told: list[Finding], levels: list[Level], tmp_path: Path) -> Findings:
    return Findings(name="test_layers", root=tmp_path, record=told.append, set_fail_on=levels.append)


def test_every_finding_is_recorded_as_it_is_added(findings: Findings, told: list[Finding]) -> None:
    findings.add("core imports ui", path="./src/a.py", line=3, end_line=4, rule="layers", level="warning")
    findings.add("bare")

    assert told == [
        Finding(rule="layers", level=Level.WARNING, message="core imports ui", path="src/a.py", line=3, end_line=4),
        Finding(rule="test_layers", level=Level.ERROR, message="bare"),
    ]
    assert list(findings) == told
    assert len(findings) == 2


def test_paths_may_be_absolute(findings: Findings, tmp_path: Path) -> None:
    findings.add("m", path=tmp_path / "src" / "a.py", level=Level.NOTE)

    assert [finding.path for finding in findings] == ["src/a.py"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": "fatal"}, "level must be one of note, warning, error, not 'fatal'"),
        ({"line": 0}, "lines count from 1, so line cannot be 0"),
        ({"line": 3, "end_line": 2}, "end_line 2 needs a line that is not after it, not 3"),
        ({"end_line": 2}, "end_line 2 needs a line that is not after it, not None"),
    ],
)
def test_what_cannot_be_is_refused_and_not_recorded(
    arguments: dict[str, object], message: str, findings: Findings, told: list[Finding]
) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        findings.add("m", **arguments)  # type: ignore[arg-type]

    assert told == []


def test_the_level_from_which_findings_count(findings: Findings, levels: list[Level]) -> None:
    findings.fail_on("warning")

    assert levels == [Level.WARNING]
    with pytest.raises(ValueError, match="level must be one of note, warning, error, not 'grave'"):
        findings.fail_on("grave")
