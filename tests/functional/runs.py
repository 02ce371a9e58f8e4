"""A pytest run in a process of its own, seen through its exit code, its output and its JSON report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
import pytest

from pytest_parallel_agents.reports.schema import schema

REPORT = "report.json"
LIGHT = ("-p", "no:hypothesispytest", "-p", "no:benchmark", "-p", "no:anyio")
"""They belong to the environment of these tests; two import a lot, the other starts three programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsRun:
    """A finished run of `pytest --agents`, whose report is valid."""

    exit_code: int
    stdout: str
    stderr: str
    report: Mapping[str, Any]

    @property
    def outcomes(self) -> dict[str, str]:
        """How each check ended, by its name."""
        return {check["name"]: check["outcome"] for check in self.report["checks"]}

    @property
    def nodeids(self) -> list[str]:
        """In the order of collection."""
        return [check["nodeid"] for check in self.report["checks"]]

    @property
    def order(self) -> list[str]:
        """Names of the checks that ran, in the order of their starts."""
        ran = [check for check in self.report["checks"] if check["start"] is not None]
        return [check["name"] for check in sorted(ran, key=lambda check: float(check["start"]))]

    def check(self, name: str) -> Mapping[str, Any]:
        """The only check of that name."""
        found: list[Mapping[str, Any]] = [check for check in self.report["checks"] if check["name"] == name]
        assert len(found) == 1, f"{name}: {len(found)} of {list(self.outcomes)}"
        return found[0]

    def workers(self, *names: str) -> set[str]:
        """The workers of these checks, or of all."""
        return {check["worker"] for check in self.report["checks"] if not names or check["name"] in names}

    @property
    def conflicts(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.report["independence"]["conflicts"]
        return found


def run_agents(pytester: pytest.Pytester, *args: str) -> AgentsRun:
    """Runs `pytest --agents` with two workers unless `args` set another number."""
    result = run_pytest(pytester, "--agents", "-n2", f"--agents-report={REPORT}", *args)
    report = json.loads((pytester.path / REPORT).read_text("utf-8"))
    _validator().validate(report)
    run = AgentsRun(exit_code=int(result.ret), stdout=str(result.stdout), stderr=str(result.stderr), report=report)
    assert len(set(run.nodeids)) == len(run.nodeids), "every check is there once"
    assert run.report["run"]["exit_code"] == run.exit_code
    return run


def run_pytest(pytester: pytest.Pytester, *args: str, timeout: float | None = None) -> pytest.RunResult:
    """Run pytest with these arguments. Raises pytester's TimeoutExpired after `timeout` seconds."""
    return pytester.runpytest_subprocess(*LIGHT, *args, timeout=timeout)


@cache
def _validator() -> jsonschema.Draft202012Validator:
    """Another test sees to the schema itself, which takes longer than the validation."""
    return jsonschema.Draft202012Validator(schema())


def refused(pytester: pytest.Pytester, *args: str) -> list[str]:
    """Runs `pytest --agents`, which is a usage error: its messages, one text per fault."""
    result = run_pytest(pytester, "--agents", "-n2", *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in str(result.stdout) + str(result.stderr)
    faults = [line.removeprefix("ERROR: ") for line in result.stderr.lines if line]
    assert faults, str(result.stdout)
    return faults


def configure(pytester: pytest.Pytester, text: str) -> None:
    """Write the tool's table: `text` goes below its header, sub-tables are written `[.name]`."""
    header = "tool.pytest-parallel-agents"
    pytester.makepyprojecttoml(f"[{header}]\n" + text.replace("[.", f"[{header}."))
