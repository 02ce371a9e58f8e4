"""Profile checks end to end: budgets, what disturbed a measurement, and how that is reported."""

from __future__ import annotations

import re

import pytest

from tests.functional.runs import run_agents

BUDGETS = """
import pytest
def leaf(): return 1
def busy():
    for _ in range(1000): leaf()

@pytest.mark.agent("profile")
def test_calls(profile):
    with profile(max_calls=500): busy()

@pytest.mark.agent("profile")
def test_peak(profile):
    with profile("copy", max_peak=1000): bytearray(100_000)

@pytest.mark.agent("profile")
def test_within(profile):
    with profile(max_calls=5000, max_peak=100_000): busy()

@pytest.mark.agent("profile", alone=True)
def test_seconds(profile):
    with profile(max_seconds=0): busy()

@pytest.mark.agent("profile")
def test_seconds_beside_others(profile):
    with profile(max_seconds=60): busy()
"""


@pytest.mark.parametrize("how", ["--tx=fork", "-n0"])
def test_budgets(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(test_it=BUDGETS)
    run = run_agents(pytester, how)
    assert run.outcomes == {
        "test_calls": "failed",
        "test_peak": "failed",
        "test_within": "passed",
        "test_seconds": "failed",
        "test_seconds_beside_others": "failed",
    }
    calls = run.check("test_calls")["message"].removeprefix("Failed: ").splitlines()
    assert calls[0] == "test_calls: calls 1,001, budget 500, 100% over"
    assert calls[2].startswith("  test_it.py:2 leaf  1,000 calls, ")
    assert "copy: peak bytes 10" in run.check("test_peak")["message"]
    assert re.search(r"test_seconds: wall seconds \d", run.check("test_seconds")["message"])
    assert "alone=True" in run.check("test_seconds_beside_others")["message"]
    assert "profiler.py" not in run.stdout, "a budget needs no traceback"
    [measurement] = run.check("test_calls")["measurements"]
    assert measurement["calls"] == 1001


BESIDE = """
import os, pathlib, pytest, time

def meet(name, other):
    pathlib.Path(name).touch()
    until = time.monotonic() + 20
    while not pathlib.Path(other).exists():
        assert time.monotonic() < until
        time.sleep(0.001)

@pytest.mark.agent("profile")
def test_beside(profile):
    with profile(): meet("one", "other")

@pytest.mark.agent("test")
def test_neighbour(): meet("other", "one")

@pytest.mark.agent("profile", alone=True)
def test_alone(profile):
    with profile(): sum(range(10))
"""


def test_a_measurement_reports_what_disturbed_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=BESIDE)
    run = run_agents(pytester)
    assert run.exit_code == 0, run.stdout
    [disturbed], [alone] = run.check("test_beside")["measurements"], run.check("test_alone")["measurements"]
    assert (disturbed["beside"], alone["beside"]) == (1, 0)
    assert disturbed["cpu_share"] == pytest.approx(disturbed["cpu_seconds"] / disturbed["wall_seconds"])
    assert disturbed["involuntary_switches"] >= 0
    assert " beside 1 check (CPU share " in " ".join(run.stdout.split())
    assert "test_it.py::test_alone: 1 call, peak" in run.stdout, run.stdout
