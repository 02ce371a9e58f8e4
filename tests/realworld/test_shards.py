"""The shards of a public suite are one run of it: every test once, and about as long each."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.environments import DEFAULT_CACHE
from benchmarks.projects import Project, prepare
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.reading import read_report
from pytest_parallel_agents.reports.report import Report

pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["benchmarks/environments/"])]

SHARDS = 4
MOST = 1.1
"""Times the mean that the slowest shard may take, by the durations that all are divided by. One check alone may take
longer.
"""


@pytest.fixture(scope="module")
def attrs() -> Project:
    return prepare("attrs", DEFAULT_CACHE)


def judged(project: Project, report: Path, *arguments: str) -> Report:
    command = [str(project.environment.scripts / "pytest"), "--agents", "-q", f"--agents-report={report}", *arguments]
    finished = subprocess.run(command, cwd=project.source, capture_output=True, text=True, check=False)
    assert report.exists(), finished.stdout + finished.stderr
    return read_report(report)


def outcomes(report: Report) -> dict[str, Outcome]:
    found = {check.nodeid: check.outcome for check in report.checks}
    assert len(found) == len(report.checks)
    return found


def test_all_shards_are_one_run(attrs: Project, tmp_path: Path) -> None:
    whole = judged(attrs, tmp_path / "whole.json")
    seconds = {check.nodeid: check.duration for check in whole.checks}
    options = f"--agents-durations={tmp_path / 'whole.json'}"
    paths = [tmp_path / f"shard-{number}.json" for number in range(1, SHARDS + 1)]
    for number, path in enumerate(paths, start=1):
        judged(attrs, path, f"--agents-shard={number}/{SHARDS}", options)

    program = attrs.environment.scripts / "pytest-parallel-agents"
    merging = subprocess.run(
        [program, "merge", *paths, "-o", tmp_path / "merged.json"], capture_output=True, text=True, check=False
    )

    assert merging.returncode == whole.run.exit_code, merging.stdout + merging.stderr
    assert outcomes(read_report(tmp_path / "merged.json")) == outcomes(whole)
    loads = [sum(seconds[check.nodeid] for check in read_report(path).checks) for path in paths]
    assert max(loads) <= max(MOST * sum(loads) / SHARDS, *seconds.values())
