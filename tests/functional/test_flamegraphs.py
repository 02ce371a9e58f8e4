"""Flame graphs of measured blocks: a second run that changes nothing of the first one's outcome."""

from __future__ import annotations

import json

import pytest

from tests.functional.runs import refused, run_agents

TESTS = """
import pathlib, pytest, time

def busy():
    until = time.perf_counter() + 0.02
    while time.perf_counter() < until: pass

@pytest.fixture(autouse=True)
def counted(request):
    with open("runs", "a") as file: file.write(request.node.name + "\\n")

@pytest.mark.agent("profile")
@pytest.mark.parametrize("path", ["a/b", "a b", "a-b"])
def test_speed(profile, path):
    with profile("work") as run: busy()
    assert run.calls > 3
    with profile() as other: pass
    assert other.calls == 0

@pytest.mark.agent("profile")
def test_too_much(profile):
    with profile(max_calls=1): busy()
    raise AssertionError("not reached")

@pytest.mark.agent("profile")
def test_once(profile):
    with profile(): pass
    if pathlib.Path("once").exists(): pytest.fail("the second run is not judged")
    pathlib.Path("once").touch()

def test_other(): pass
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", ["--tx=fork", *(pytest.param(how, marks=pytest.mark.slow) for how in ("--tx=popen", "-n0"))]
)
def test_every_block_gets_its_files(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(test_it=TESTS)
    run = run_agents(pytester, how, "-v", "--agents-flamegraphs=out/profiles")
    assert {name: outcome for name, outcome in run.outcomes.items() if outcome != "passed"} == {
        "test_too_much": "failed"
    }
    measured = [each for check in run.report["checks"] for each in check["measurements"]]
    files = [file for each in measured for file in each["flame_graphs"]]
    assert len(measured) == 8
    assert len(set(files)) == 16
    for file in files:
        assert (pytester.path / file).stat().st_size
        assert file.startswith("out/profiles/test_it.py-test_")
        assert f"    {file}" in run.stdout.splitlines()
    [too_much] = run.check("test_too_much")["measurements"]
    assert "budget 1" in run.check("test_too_much")["message"]
    speedscope = json.loads((pytester.path / too_much["flame_graphs"][1]).read_text("utf-8"))
    assert "busy" in {frame["name"] for frame in speedscope["shared"]["frames"]}
    runs = (pytester.path / "runs").read_text("utf-8").splitlines()
    assert {name: runs.count(name) for name in ("test_speed[a b]", "test_other")} == {
        "test_speed[a b]": 2,
        "test_other": 1,
    }


def test_a_file_in_the_place_of_the_folder(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_it(): pass")
    assert refused(pytester, "--agents-flamegraphs=test_it.py") == [
        f"--agents-flamegraphs {pytester.path / 'test_it.py'} cannot be made: File exists (give another folder)"
    ]
