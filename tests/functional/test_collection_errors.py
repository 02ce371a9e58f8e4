"""Test modules that cannot be collected: tests do not run, as under pytest, and the configured commands do."""

from __future__ import annotations

import pytest

from benchmarks import junit
from tests.functional.runs import configure, run_agents, run_pytest

TABLE = """
[.agents.clean]
command = ["touch", "ran"]
after = ["test_lost", "test"]

[.agents.strict]
command = ["false"]
group = "both"

[.groups.both]
wait = 2
"""


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    configure(pytester, TABLE)
    pytester.makepyfile(
        **{
            "helpers": "def twice(number): return number *\n",
            "test_fine": "def test_fine(): open('tested', 'w')",
            "test_syntax": "import helpers\n\ndef test_lost(): pass",
            "test_missing": "import sys\n\nimport nowhere",
            "test_class": "class TestIt:\n    @property\n    def nodes(self): pass\n    def test_in_class(self): pass",
            "below/conftest": "raise RuntimeError('not today')",
            "below/test_below": "def test_below(): pass",
        }
    )


ERRORS = {"test_syntax.py", "test_missing.py", "below"}
NOT_RUN = {"test_fine", "test_in_class"}


def ran(pytester: pytest.Pytester) -> set[str]:
    return {name for name in ("ran", "tested") if (pytester.path / name).exists()}


@pytest.mark.parametrize("transport", ["fork", "popen"])
def test_commands_run_and_what_is_broken_is_reported(pytester: pytest.Pytester, transport: str) -> None:
    run = run_agents(pytester, f"--tx={transport}", "--junitxml=junit.xml")
    assert run.exit_code == pytest.ExitCode.INTERRUPTED
    assert ran(pytester) == {"ran"}
    assert run.outcomes == {
        "clean": "passed",
        "strict": "failed",
        **dict.fromkeys(NOT_RUN, "cancelled"),
        **dict.fromkeys(ERRORS, "error"),
    }
    assert run.check("test_missing.py")["message"] == "ModuleNotFoundError: No module named 'nowhere'"
    assert run.check("below")["message"] == "RuntimeError: not today"
    assert "ERROR" not in run.check("test_syntax.py")["message"]
    assert "number *" in run.check("test_syntax.py")["failure"]["text"]
    assert run.report["evidence"]["frames"] == {
        "test_syntax.py": [["test_syntax.py", 1], ["helpers.py", 1]],
        "test_missing.py": [["test_missing.py", 3]],
        "below": [["below/conftest.py", 1]],
    }
    assert {cause["path"] for cause in run.report["causes"]} >= {"helpers.py", "test_missing.py"}
    assert "Interrupted: 3 errors during collection" in run.stdout
    assert "ERROR test_missing.py" in run.stdout
    suite = junit.parse((pytester.path / "junit.xml").read_text("utf-8"))
    assert suite.counts == {"tests": 5, "failures": 1, "errors": 3, "skipped": 0}


def test_the_plan_is_that_of_the_commands(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "--agents-plan", "-n2")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["2 checks *"])
    assert ran(pytester) == set()


@pytest.mark.slow
def test_the_first_failure_ends_the_run(pytester: pytest.Pytester) -> None:
    plain = run_pytest(pytester, "-x")
    run = run_agents(pytester, "-x")
    assert run.exit_code == plain.ret
    assert ran(pytester) == set()
    assert list(run.outcomes.values()).count("error") == 1
    assert set(run.outcomes.values()) <= {"cancelled", "error"}


@pytest.mark.slow
def test_failures_of_commands_count_with_the_errors(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "--maxfail=4")
    assert run.exit_code == pytest.ExitCode.INTERRUPTED
    assert run.outcomes["strict"] == "failed"
    assert "Interrupted: 3 errors during collection; stopping after 4 failures" in run.stdout


@pytest.mark.slow
def test_all_that_was_collected_runs_if_that_is_wanted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_gate="def test_gate(convergence): assert len(convergence.failed()) == 4")
    run = run_agents(pytester, "--continue-on-collection-errors")
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert ran(pytester) == {"ran", "tested"}
    assert {name for name, outcome in run.outcomes.items() if outcome == "error"} == ERRORS
    assert run.outcomes["test_gate"] == "passed"


def test_a_hook_that_raises_leaves_no_check_without_an_outcome(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_collection_modifyitems(): raise RuntimeError('no order')")
    run = run_agents(pytester)
    assert run.exit_code == pytest.ExitCode.INTERNAL_ERROR
    assert {name for name, outcome in run.outcomes.items() if outcome == "cancelled"} == {"clean", "strict", *NOT_RUN}


@pytest.mark.slow
def test_a_linter_and_pytest_point_at_the_same_line(pytester: pytest.Pytester) -> None:
    configure(pytester, 'agents = ["ruff"]\n')
    for path in pytester.path.rglob("*.py"):
        path.unlink()
    pytester.makepyfile(test_open="def test_open(:\n    pass", module="import os")
    run = run_agents(pytester)
    assert run.exit_code == pytest.ExitCode.INTERRUPTED
    assert run.outcomes == {"ruff": "failed", "test_open.py": "error"}
    first = run.report["causes"][0]
    assert (first["path"], set(first["kinds"])) == ("test_open.py", {"review", "test"})
    assert [line["line"] for line in first["lines"]] == [1]
    assert {finding["path"] for finding in run.check("ruff")["findings"]} == {"test_open.py", "module.py"}
