"""An earlier report changes outcomes, the comparison in the report, and the summary; faulty files are refused."""

from __future__ import annotations

import json
import shutil

import pytest

from benchmarks import junit
from pytest_parallel_agents.reports.report import SCHEMA_ID
from tests.functional.runs import REPORT, AgentsRun, configure, refused, run_agents

BASELINE = "--agents-baseline=baseline.json"
SHOP = """\
import os
import sys
def total(items):
    if items == None:
        raise ValueError
    if items == None:
        return 0
def other():
    pass
"""
MOVED = f'"""Shop."""\n\nLIMIT = 3\n\n\n{SHOP}'.replace("other", "another").replace("    ", "  ")
REVIEW = """
import pytest
@pytest.mark.agent("review")
def test_none(findings):
    for number, line in enumerate(open("shop.py"), start=1):
        if "None" in line:
            findings.add(f"line {number} compares with None", path="shop.py", line=number, rule="none")
"""


def project(pytester: pytest.Pytester) -> None:
    configure(pytester, '[.agents.ruff]\npaths = ["shop.py"]\nargs = ["--isolated", "--select=F401,E711"]\n')
    pytester.makepyfile(test_it=REVIEW)
    shop(pytester, SHOP)


def shop(pytester: pytest.Pytester, text: str) -> None:
    (pytester.path / "shop.py").write_text(text)


def keep(pytester: pytest.Pytester) -> None:
    """Let the last report be the baseline."""
    shutil.copy(pytester.path / REPORT, pytester.path / "baseline.json")


def lines(run: AgentsRun, what: str) -> list[tuple[str, int]]:
    return [(found["rule"], found["line"]) for found in run.report["baseline"][what]]


@pytest.mark.parametrize(
    "how", ["--tx=fork", *(pytest.param(how, marks=pytest.mark.slow) for how in ("--tx=popen", "-n0"))]
)
def test_only_what_is_new_fails(pytester: pytest.Pytester, how: str) -> None:
    project(pytester)
    assert run_agents(pytester, how).outcomes == {"ruff": "failed", "test_none": "failed"}
    keep(pytester)
    shop(pytester, MOVED)
    run = run_agents(pytester, how, BASELINE)
    assert (run.exit_code, set(run.outcomes.values())) == (0, {"passed"})
    assert "baseline: 0 new, 0 fixed, 6 unchanged findings" in run.stdout
    assert "shop.py" not in run.stdout, "what is old is counted and not told"
    shop(pytester, MOVED + "  if items == None:\n    pass\n")
    run = run_agents(pytester, how, BASELINE, "--junitxml=junit.xml")
    assert (run.exit_code, run.outcomes) == (1, {"ruff": "failed", "test_none": "failed"})
    assert lines(run, "new") == [("E711", 15), ("none", 15)]
    assert len(run.report["baseline"]["unchanged"]) == 6
    assert "4 unchanged findings of the baseline" in run.check("ruff")["message"]
    assert run.check("ruff")["message"].startswith("Failed: 1 new finding\nshop.py:15: ")
    assert len(run.check("ruff")["findings"]) == 5
    suite = junit.parse((pytester.path / "junit.xml").read_text("utf-8"))
    assert (suite.counts["tests"], suite.counts["failures"]) == (2, 2)


def test_a_renamed_function_s_own_findings_are_new(pytester: pytest.Pytester) -> None:
    project(pytester)
    run_agents(pytester, "-k", "ruff")
    keep(pytester)
    shop(pytester, SHOP.replace("total", "amount"))
    run = run_agents(pytester, "-k", "ruff", BASELINE)
    assert lines(run, "new") == lines(run, "fixed") == [("E711", 4), ("E711", 6)]
    assert run.outcomes == {"ruff": "failed"}


@pytest.mark.slow
def test_a_finding_is_fixed_when_its_check_has_looked_again(pytester: pytest.Pytester) -> None:
    project(pytester)
    run_agents(pytester)
    keep(pytester)
    shop(pytester, "import os\n")
    run = run_agents(pytester, BASELINE, "-k", "ruff")
    assert lines(run, "fixed") == [("F401", 2), ("E711", 4), ("E711", 6)]
    assert "baseline: 0 new, 3 fixed, 1 unchanged findings" in run.stdout
    pytester.makepyfile(test_it=REVIEW + "    assert 0\n")
    run = run_agents(pytester, BASELINE, "-k", "none")
    assert (run.exit_code, lines(run, "fixed")) == (1, [])
    (pytester.path / "shop.py").unlink()
    run = run_agents(pytester, BASELINE, "-k", "ruff")
    assert (run.outcomes, lines(run, "fixed")) == ({"ruff": "error"}, [])


SPEED = """
import pytest
@pytest.mark.agent("profile")
def test_speed(profile):
    with profile("squares", memory=False):
        [abs(n) for n in range({})]
def test_result():
    assert {} < 1050
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["--tx=fork", "--tx=popen"])
def test_what_is_worse(pytester: pytest.Pytester, how: str) -> None:
    configure(pytester, "[.tolerance]\ncalls = 0.1\n")
    pytester.makepyfile(test_it=SPEED.format(1000, 1000))
    assert run_agents(pytester, how).exit_code == 0
    keep(pytester)
    pytester.makepyfile(test_it=SPEED.format(1090, 1090))
    run = run_agents(pytester, how, BASELINE)
    [failing] = run.report["baseline"]["regressions"]
    assert failing == {
        "check": "test_it.py::test_result",
        "measurement": None,
        "what": "outcome",
        "before": "passed",
        "now": "failed",
        "tolerance": None,
        "functions": [],
    }
    pytester.makepyfile(test_it=SPEED.format(1200, 1000))
    run = run_agents(pytester, how, BASELINE)
    assert (run.exit_code, run.outcomes) == (1, {"test_speed": "failed", "test_result": "passed"})
    assert "worse than the baseline\nsquares: calls 1,00" in run.check("test_speed")["message"]
    told = [
        (entry["what"], entry["measurement"], entry["tolerance"]) for entry in run.report["baseline"]["regressions"]
    ]
    assert told == [("outcome", None, None), ("calls", "squares", 0.1)]
    assert "worse  test_it.py::test_speed: squares: calls" in run.stdout


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "is not valid JSON: Input data was truncated"),
        ("[]", "is no report of pytest --agents: Expected `object`, got `array`"),
        ("{}", "is no report of pytest --agents: it names no schema"),
        (
            '{"schema": "pytest-parallel-agents/report/2"}',
            'has the schema "pytest-parallel-agents/report/2", and only "' + SCHEMA_ID + '" is understood',
        ),
        (
            '{"schema": "pytest-parallel-agents/report/1"}',
            "is no report of pytest --agents: Object missing required field `checks`",
        ),
    ],
)
def test_a_file_that_is_no_baseline(pytester: pytest.Pytester, text: str | None, problem: str) -> None:
    path = pytester.path / "baseline.json"
    if text is not None:
        path.write_text(text)
    pytester.makepyfile("def test_it(): pass")
    told = refused(pytester, BASELINE)
    assert told == [f"--agents-baseline {path} {problem} (write one with --agents-report=PATH.json)"]


def test_a_tolerance_that_is_none(pytester: pytest.Pytester) -> None:
    configure(pytester, "[.tolerance]\ncalls = -1\ncpu = 0\n")
    told = refused(pytester)
    where = "pyproject.toml: tool.pytest-parallel-agents.tolerance"
    assert told == [
        f"{where}.calls must be a number of at least 0, not -1",
        f"{where}.cpu is an unknown key (valid: calls, peak-bytes, wall-seconds)",
    ]


@pytest.mark.slow
def test_the_report_may_replace_its_baseline(pytester: pytest.Pytester) -> None:
    project(pytester)
    run_agents(pytester, "-k", "ruff")
    run = run_agents(pytester, "-k", "ruff", f"--agents-baseline={REPORT}")
    assert (run.exit_code, len(run.report["baseline"]["unchanged"])) == (0, 4)
    assert json.loads((pytester.path / REPORT).read_text())["baseline"]["new"] == []
