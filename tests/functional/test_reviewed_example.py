"""The example that a panel reviews: two stand-ins agree, one is wrong, one never answers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.functional.runs import run_agents, run_pytest
from tests.repositories import commit_all

REVIEWED = Path(__file__).parents[2] / "examples" / "reviewed"


@pytest.fixture
def changed(pytester: pytest.Pytester) -> pytest.Pytester:
    shutil.copytree(REVIEWED, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    commit_all(pytester.path, "main")
    subprocess.run(["git", "apply", "change.patch"], cwd=pytester.path, check=True)
    return pytester


@pytest.mark.slow
def test_two_agree_and_the_one_that_never_answers_is_cancelled(changed: pytest.Pytester) -> None:
    plan = run_pytest(changed, "--agents-plan")
    plan.stdout.fnmatch_lines(["*bytes to reviewers/careful: the prompt and what has changed since main (*::careful)"])

    run = run_agents(changed)
    assert run.exit_code == 1
    tests = {name: outcome for name, outcome in run.outcomes.items() if name.startswith("test_")}
    assert set(tests.values()) == {"passed"}
    assert len(tests) == 4
    assert (run.outcomes["careful"], run.outcomes["thorough"]) == ("failed", "failed")
    assert run.outcomes["stuck"] == "cancelled"
    assert run.outcomes["hasty"] in {"passed", "cancelled"}  # the others may agree before it answers

    (panel,) = run.report["groups"]
    first = panel["agreements"][0]
    assert (first["rule"], first["line"], first["votes"], first["counts"]) == ("resource-leak", 13, 2, True)
    assert not panel["passed"]
    assert all(not each["counts"] for each in panel["agreements"][1:])
    assert run.report["run"]["spending"]["cost_usd"] == pytest.approx(0.02)
    assert run.report["run"]["spending"]["budget"] == pytest.approx(1.0)
    assert run.check("careful")["usage"]["input_tokens"] == 600


@pytest.mark.slow
def test_without_a_change_nobody_is_asked(pytester: pytest.Pytester) -> None:
    shutil.copytree(REVIEWED, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    commit_all(pytester.path, "main")
    plan = run_pytest(pytester, "--agents-plan")
    plan.stdout.fnmatch_lines(["*nothing to reviewers/careful: nothing has changed since main (*::careful)"])
    run = run_agents(pytester)
    assert run.exit_code == 0
    assert {run.outcomes[name] for name in ("careful", "thorough", "hasty", "stuck")} == {"skipped"}
