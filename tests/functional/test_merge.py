"""`pytest-parallel-agents merge`: the reports of all shards become the report of one run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_parallel_agents.cli.main import main
from tests.functional.runs import run_agents, run_pytest

SHARDS = 3


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml('[tool.pytest-parallel-agents.agents.false]\ncommand = "false"\n')
    pytester.makepyfile(
        shop="def total(prices):\n    return sum(prices) - 1\n\n\ndef count(prices):\n    return len(prices)\n"
    )
    for name in "abcd":
        pytester.makepyfile(
            **{
                f"test_{name}": f"""
                from shop import count, total

                def test_total_{name}(): assert total([1, 2]) == 3
                def test_count_{name}(): assert count([1, 2]) == 2
                """
            }
        )


@pytest.fixture
def shards(pytester: pytest.Pytester) -> list[Path]:
    """Reports of all shards."""
    return [shard(pytester, number) for number in range(1, SHARDS + 1)]


def shard(pytester: pytest.Pytester, number: int, *args: str) -> Path:
    report = run_agents(pytester, f"--agents-shard={number}/{SHARDS}", *args).report
    path = pytester.path / f"shard-{number}.json"
    path.write_text(json.dumps(report), "utf-8")
    return path


class Finished(NamedTuple):
    """How the command ended, and what it printed."""

    code: int
    stdout: str
    stderr: str


Merge = Callable[..., Finished]


@pytest.fixture
def merge(capsys: pytest.CaptureFixture[str]) -> Merge:
    def run(*arguments: object) -> Finished:
        capsys.readouterr()
        return Finished(main(["merge", *map(str, arguments)]), *capsys.readouterr())

    return run


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


@pytest.mark.slow
def test_the_merged_report_is_that_of_one_run(pytester: pytest.Pytester, merge: Merge, shards: list[Path]) -> None:
    whole = run_agents(pytester)

    finished = merge(*reversed(shards), "-o", "merged.json")

    merged = read(pytester.path / "merged.json")
    assert finished.code == merged["run"]["exit_code"] == whole.exit_code == pytest.ExitCode.TESTS_FAILED
    assert finished.stdout.startswith("9 checks, 5 bad in 3 shards, ")
    for key in ("nodeid", "outcome", "message", "findings"):
        assert sorted((check["nodeid"], check[key]) for check in merged["checks"]) == sorted(
            (check["nodeid"], check[key]) for check in whole.report["checks"]
        )
    causes = [(each["path"], each["function"], each["failure_count"]) for each in merged["causes"]]
    assert causes[0] == ("shop.py", "total", 4)
    assert causes[0] == tuple(whole.report["causes"][0][key] for key in ("path", "function", "failure_count"))
    assert merged["causes"][0]["lines"][0]["text"] == "return sum(prices) - 1"
    assert {check["worker"].partition(".")[0] for check in merged["checks"]} == {"1", "2", "3"}
    assert merged["timing"]["makespan"] == max(each["timing"]["makespan"] for each in merged["shards"])
    assert sum(each["checks"] for each in merged["shards"]) == len(merged["checks"])


def test_a_single_report_is_ranked_again(pytester: pytest.Pytester, merge: Merge) -> None:
    whole = run_agents(pytester).report
    (pytester.path / "whole.json").write_text(json.dumps(whole), "utf-8")

    finished = merge("whole.json", "-o", "again.json")

    assert finished.code == pytest.ExitCode.TESTS_FAILED, finished.stderr
    assert read(pytester.path / "again.json") == whole


def test_files_that_are_no_reports(pytester: pytest.Pytester, merge: Merge) -> None:
    (pytester.path / "list.json").write_text("[]")

    finished = merge("none.json", "list.json", "-o", "merged.json")

    assert finished.code == pytest.ExitCode.USAGE_ERROR
    assert [line.partition(" ")[0] for line in finished.stderr.splitlines()] == ["ERROR:", "ERROR:"]
    assert "none.json cannot be read" in finished.stderr
    assert "list.json is no report of pytest --agents" in finished.stderr


def test_a_broken_module_is_reported_once(pytester: pytest.Pytester, merge: Merge) -> None:
    pytester.makepyfile(test_broken="import nowhere")
    reports = [shard(pytester, number) for number in range(1, SHARDS + 1)]

    finished = merge(*reports, "-o", "merged.json")

    merged = read(pytester.path / "merged.json")
    assert finished.code == pytest.ExitCode.INTERRUPTED
    assert [check["outcome"] for check in merged["checks"] if check["nodeid"] == "test_broken.py"] == ["error"]
    assert [cause["failure_count"] for cause in merged["causes"] if cause["path"] == "test_broken.py"] == [1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "hook",
    [
        "pytest_sessionfinish(session): session.exitstatus = 1",
        "pytest_sessionfinish(session): raise ValueError",
        "pytest_terminal_summary(): raise ValueError",
        "pytest_unconfigure(): raise ValueError",
    ],
)
def test_what_fails_after_the_last_check_fails_the_whole_run(
    pytester: pytest.Pytester, merge: Merge, hook: str
) -> None:
    pytester.makeconftest(f"def {hook}")
    words = ("--agents-shard=1/1", "--agents-report=shard.json", "test_a.py::test_count_a")
    run_pytest(pytester, "--agents", "-n0", *words)  # a worker would report that its own hooks fail

    finished = merge("shard.json", "-o", "merged.json")

    assert finished.stdout.startswith("1 check, 0 bad in 1 shard, ")
    assert finished.code == pytest.ExitCode.TESTS_FAILED


@pytest.mark.slow
def test_a_program_that_handles_an_exception_may_call_pytest(pytester: pytest.Pytester) -> None:
    program = pytester.makepyfile(
        program="""
        import pytest, sys

        try:
            raise ValueError
        except ValueError:
            sys.exit(pytest.main(["--agents", "--agents-report=report.json", "test_a.py::test_count_a"]))
        """
    )

    assert pytester.runpython(program).ret == pytest.ExitCode.OK
    assert read(pytester.path / "report.json")["run"]["exit_code"] == pytest.ExitCode.OK
