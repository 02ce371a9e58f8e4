"""The adapter package of the documentation, installed beside this project as its users do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.environments import DEFAULT_CACHE, PYTHON_TAG, Environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "doc8_adapter"
SETTINGS = '[tool.pytest-parallel-agents]\nagents = ["doc8"]\n'

pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["benchmarks/environments/"])]


def test_an_installed_adapter_makes_its_tool_known(tmp_path: Path) -> None:
    environment = Environment(DEFAULT_CACHE / f"environment-{EXAMPLE.name}-{PYTHON_TAG}")
    environment.create()
    environment.install_this_project(DEFAULT_CACHE)
    environment.install(str(EXAMPLE))
    (tmp_path / "pyproject.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "faulty.rst").write_text("Title\n=====\n\nText \n", "utf-8")

    command = [str(environment.scripts / "pytest"), "--agents", "--agents-report=report.json"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert finished.returncode == pytest.ExitCode.TESTS_FAILED, finished.stdout + finished.stderr
    (check,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["checks"]
    found = [(finding["rule"], finding["path"], finding["line"], finding["level"]) for finding in check["findings"]]
    assert (check["nodeid"], found) == ("pyproject.toml::doc8", [("D002", "faulty.rst", 4, "error")])
