"""Reports of earlier runs, kept by real ones."""

from __future__ import annotations

import pytest

from tests.functional.runs import configure, refused, run_agents
from tests.repositories import commit_all

FLAKY = """
    from pathlib import Path

    def test_steady(): pass

    def test_now_and_then():
        assert not Path("disturbed").exists()

    def test_broken():
        assert not Path("broken").exists()
"""


@pytest.mark.slow
def test_reports_show_what_earlier_runs_had_and_as_many_are_kept_as_asked_for(pytester: pytest.Pytester) -> None:
    configure(pytester, "agents = []\nkeep = 2\n")
    pytester.makepyfile(FLAKY)
    commit_all(pytester.path)
    disturbed = pytester.path / "disturbed"

    first = run_agents(pytester).report
    disturbed.touch()
    run_agents(pytester)
    disturbed.unlink()
    (pytester.path / "broken").touch()
    run_agents(pytester)
    last = run_agents(pytester).report

    assert first["history"] is None
    history = last["history"]
    assert [run["outcomes"] for run in history["runs"]] == [
        {"passed": 2, "failed": 1},
        {"passed": 2, "failed": 1},
        {"passed": 2, "failed": 1},
    ]
    assert len({run["commit"] for run in history["runs"]}) == 1
    assert last["run"]["commit"]
    trends = {trend["nodeid"].partition("::")[2]: trend for trend in history["checks"]}
    assert list(trends) == ["test_broken", "test_now_and_then"]
    assert "same code" in trends["test_now_and_then"]["flaky"]
    assert (trends["test_broken"]["failing_since"], trends["test_broken"]["passed_before"]) == (1, 0)


def test_without_the_key_no_history_is_kept(pytester: pytest.Pytester) -> None:
    configure(pytester, "agents = []\n")
    pytester.makepyfile(FLAKY)

    reports = [run_agents(pytester).report for _ in range(2)]

    assert [report["history"] for report in reports] == [None, None]
    assert [report["run"]["commit"] for report in reports] == [None, None]
    assert not list(pytester.path.rglob("*.json.gz"))


def test_mistakes_in_the_keys_are_usage_errors(pytester: pytest.Pytester) -> None:
    configure(pytester, 'keep = "30"\nkeep-size = "large"\n')
    pytester.makepyfile(FLAKY)

    first, second = refused(pytester)

    assert first.startswith("pyproject.toml: tool.pytest-parallel-agents.keep must be a whole number")
    assert second.startswith('pyproject.toml: tool.pytest-parallel-agents.keep-size is "large" (write')
