"""pytest-benchmark's tests are measured alone, on workers, and its own table and files work as ever."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from tests.functional.runs import REPORT, AgentsRun, run_agents, run_pytest

TESTS = """
import pytest, time

@pytest.mark.agent("profile")
@pytest.mark.benchmark(max_time=0.01, min_rounds=3)
def test_marked(benchmark):
    benchmark.extra_info["size"] = (1, 2)
    assert benchmark(sum, range(1000)) == 499500

@pytest.mark.parametrize("number", [7])
def test_plain(benchmark, number):
    benchmark.pedantic(sum, args=(range(number),), rounds=5, iterations=2)

@pytest.mark.parametrize("number", range(6))
def test_neighbour(number): time.sleep(0.02)
"""
TRANSPORTS = ["--tx=fork", pytest.param("--tx=popen", marks=pytest.mark.slow)]
MORE_TRANSPORTS = [pytest.param(how, marks=pytest.mark.slow) for how in ("--tx=fork", "--tx=popen", "-n0")]


def benchmarked(pytester: pytest.Pytester, *args: str) -> AgentsRun:
    return run_agents(pytester, "-pbenchmark", *args)


def was_alone(run: AgentsRun, name: str) -> bool:
    check = run.check(name)
    others = (other for other in run.report["checks"] if other is not check and other["start"] is not None)
    return all(other["stop"] <= check["start"] or check["stop"] <= other["start"] for other in others)


def saved(pytester: pytest.Pytester) -> dict[str, Any]:
    """The output of pytest-benchmark, by the names of the tests."""
    document = json.loads((pytester.path / "benchmarks.json").read_text("utf-8"))
    return {each["fullname"].partition("::")[2]: each for each in document["benchmarks"]}


@pytest.mark.slow
@pytest.mark.parametrize("how", TRANSPORTS)
def test_benchmarks_are_measured_alone(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(test_it=TESTS)
    run = benchmarked(pytester, how, "--benchmark-json=benchmarks.json", "--benchmark-cprofile=ncalls")
    assert (run.exit_code, set(run.outcomes.values())) == (0, {"passed"})
    assert {check["worker"] for check in run.report["checks"]} <= {"gw0", "gw1", "gw2", "gw3"}
    assert was_alone(run, "test_marked")
    assert was_alone(run, "test_plain[7]")
    assert (run.check("test_marked")["kind"], run.check("test_plain[7]")["kind"]) == ("profile", "test")
    for name, count, iterations in (("test_marked", None, None), ("test_plain[7]", 5, 2)):
        [measured], theirs = run.check(name)["measurements"], saved(pytester)[name]
        assert (measured["calls"], measured["peak_bytes"], measured["beside"]) == (None, None, 0)
        assert measured["rounds"] == {
            "count": theirs["stats"]["rounds"],
            **{key: theirs["stats"][key] for key in ("iterations", "min", "max", "mean", "median", "stddev")},
        }
        assert measured["wall_seconds"] == theirs["stats"]["median"] > 0
        assert len(theirs["stats"]["data"]) == measured["rounds"]["count"] == (count or len(theirs["stats"]["data"]))
        assert iterations in {None, measured["rounds"]["iterations"]}
        assert theirs["cprofile"][0]["function_name"]
    assert saved(pytester)["test_marked"]["extra_info"] == {"size": [1, 2]}
    assert saved(pytester)["test_plain[7]"]["params"] == {"number": 7}
    assert run.stdout.count("benchmark: 2 tests") == 1
    assert "disabled" not in run.stdout + run.stderr
    assert "test_plain[7]: median " in run.stdout


@pytest.mark.parametrize("how", MORE_TRANSPORTS)
def test_only_benchmarks(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(test_it=TESTS)
    run = benchmarked(pytester, how, "--benchmark-only")
    passed = [name for name, outcome in run.outcomes.items() if outcome == "passed"]
    assert passed == ["test_marked", "test_plain[7]"]
    assert run.stdout.count("benchmark: 2 tests") == 1


@pytest.mark.parametrize("how", MORE_TRANSPORTS)
def test_without_measuring(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(test_it=TESTS)
    run = benchmarked(pytester, how, "--benchmark-disable")
    failed = [name for name, outcome in run.outcomes.items() if outcome != "passed"]
    assert failed == ["test_marked"], "one that promises a measurement must give it"
    assert "measured nothing (" in run.check("test_marked")["message"]
    assert "without --benchmark-disable" in run.check("test_marked")["message"]
    assert run.check("test_plain[7]")["measurements"] == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["--tx=fork", "--tx=popen", "-n0"])
def test_a_benchmark_that_became_slower(pytester: pytest.Pytester, how: str) -> None:
    slow = "import time\ndef test_it(benchmark): benchmark.pedantic(time.sleep, args=({},), rounds=3)\n"
    marked = f'import pytest\npytestmark = pytest.mark.agent("profile")\n{slow}'
    pytester.makepyfile(test_it=marked.format(0.001))
    assert benchmarked(pytester, how).exit_code == 0
    shutil.copy(pytester.path / REPORT, pytester.path / "baseline.json")
    pytester.makepyfile(test_it=marked.format(0.3))
    run = benchmarked(pytester, how, "--agents-baseline=baseline.json")
    assert run.outcomes == {"test_it": "failed"}
    assert "worse than the baseline\ntest_it: wall seconds 0.0" in run.check("test_it")["message"]
    assert [entry["what"] for entry in run.report["baseline"]["regressions"]] == ["outcome", "wall_seconds"]
    assert "worse  test_it.py::test_it: test_it: wall seconds" in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("how", ["--tx=fork", "--tx=popen"])
def test_its_own_comparison_fails_the_run(pytester: pytest.Pytester, how: str) -> None:
    slow = "import time\ndef test_it(benchmark): benchmark.pedantic(time.sleep, args=({},), rounds=3)\n"
    pytester.makepyfile(test_it=slow.format(0.001))
    assert benchmarked(pytester, how, "--benchmark-autosave").exit_code == 0
    assert len(list(pytester.path.glob(".benchmarks/*/*.json"))) == 1
    pytester.makepyfile(test_it=slow.format(0.1))
    result = run_pytest(
        pytester, "-pbenchmark", "--agents", how, "--benchmark-compare", "--benchmark-compare-fail=min:50%"
    )
    assert result.ret != 0
    assert "Performance has regressed" in str(result.stdout) + str(result.stderr)
