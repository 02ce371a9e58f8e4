"""Checks that are tried again, whatever became of them before."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from xml.etree import ElementTree as ET

import pytest

from tests.functional.runs import AgentsRun
from tests.functional.workers.conftest import Agents
from tests.functional.workers.waiting import waiting_run
from tests.processes import PATIENCE

FIRST = """
    import os, pathlib, time
    import pytest

    def first(name):
        try:
            pathlib.Path(name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
"""


def outcomes_of(run: AgentsRun, name: str) -> list[str]:
    return [attempt["outcome"] for attempt in run.check(name)["attempts"]]


def wait_until_both_pause(process: subprocess.Popen[str]) -> None:
    """Returns when the controller has read that the first attempts are over: the next have run for no time."""
    assert process.stdout is not None
    time.sleep(0.2)  # by now the first have run for longer
    answer = ""
    while not all(f"::{name} (0.0 s)" in " ".join(answer.split()) for name in ("test_one", "test_two")):
        process.send_signal(signal.SIGUSR1)
        line = process.stdout.readline()
        answer = line if "still running" in line else answer + line
        assert process.poll() is None, answer


@pytest.mark.slow
def test_a_crash_and_a_hang_are_tried_again_too(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(
        FIRST
        + """
    @pytest.mark.agent("test", retries=1)
    def test_crashes_once():
        if first("crash"): os._exit(3)

    @pytest.mark.agent("test", retries=1, timeout=2.0)
    def test_hangs_once():
        if first("hang"): time.sleep(600)

    @pytest.mark.agent("test", retries=3)
    def test_fails_and_crashes_once():
        if first("fails"): assert False, "the first time"
        if first("crashes"): os._exit(3)

    @pytest.mark.agent("test", retries=1)
    def test_always_crashes(): os._exit(3)

    @pytest.mark.agent("test", retries=1, timeout=0.5)
    def test_always_hangs(): time.sleep(600)

    def test_other(): pass
    """
    )

    run = agents("--junitxml=junit.xml")

    assert run.exit_code == 1
    assert run.outcomes == {
        "test_crashes_once": "passed",
        "test_hangs_once": "passed",
        "test_fails_and_crashes_once": "passed",
        "test_always_crashes": "crashed",
        "test_always_hangs": "timed_out",
        "test_other": "passed",
    }
    assert outcomes_of(run, "test_crashes_once") == ["crashed", "passed"]
    assert outcomes_of(run, "test_hangs_once") == ["timed_out", "passed"]
    assert outcomes_of(run, "test_fails_and_crashes_once") == ["failed", "crashed", "passed"]
    assert outcomes_of(run, "test_always_crashes") == ["crashed", "crashed"]
    assert outcomes_of(run, "test_always_hangs") == ["timed_out", "timed_out"]
    first, second = run.check("test_crashes_once")["attempts"]
    assert first["worker"] != second["worker"]
    assert "exited with code 3" in first["message"]
    assert "ran into its time limit of 2 s" in run.check("test_hangs_once")["attempts"][0]["message"]
    assert "2 failed, 4 passed, 6 rerun in" in run.stdout
    assert "FLAKY 3/4" in run.stdout
    source = next(pytester.path.glob("test_*.py")).read_text("utf-8").splitlines()
    line = run.check("test_always_crashes")["line"]
    assert source[line - 1 : line + 1] == [
        '@pytest.mark.agent("test", retries=1)',
        "def test_always_crashes(): os._exit(3)",
    ]
    assert "line" not in run.check("test_other")
    cases = {case.get("name"): case for case in ET.parse(pytester.path / "junit.xml").iter("testcase")}  # noqa: S314
    found = {
        name: {each.get("name"): each.get("value") for each in case.iter("property")} for name, case in cases.items()
    }
    assert {name: properties.get("outcome") for name, properties in found.items()} == {
        **dict.fromkeys(("test_crashes_once", "test_hangs_once", "test_fails_and_crashes_once"), "flaky"),
        "test_always_crashes": "crashed",
        "test_always_hangs": "timed_out",
        "test_other": None,
    }
    assert re.fullmatch(
        "failed: .*the first time.*; crashed: worker gw. exited with code 3 .*; passed",
        found["test_fails_and_crashes_once"]["attempts"] or "",
        re.DOTALL,
    )
    assert float(cases["test_always_hangs"].get("time", 0)) >= 0.5


def test_a_check_that_ends_late_is_retried_and_the_following_ones_run(
    pytester: pytest.Pytester, agents: Agents
) -> None:
    pytester.makepyfile(
        FIRST
        + """
    @pytest.mark.agent("test", retries=9, timeout=0.5)  # a busy machine may exceed it more than once
    def test_stubborn():
        if first("stubborn"):
            try: time.sleep(600)
            except KeyboardInterrupt: pass

    @pytest.mark.agent("test", after=["test_stubborn"])
    def test_waits(): pass

    @pytest.mark.parametrize("number", range(60))
    def test_plain(number): pass
    """
    )

    run = agents()

    assert run.exit_code == 0, run.stdout
    assert set(run.outcomes.values()) == {"passed"}
    assert len(run.outcomes) == 62
    *late, last = outcomes_of(run, "test_stubborn")
    assert (set(late), last) == ({"timed_out"}, "passed")


@pytest.mark.slow
def test_a_check_that_is_interrupted_before_the_next_attempt_has_failed(
    pytester: pytest.Pytester, transport: str
) -> None:
    pauses = """
        import pathlib, sys
        pathlib.Path(f"{sys.argv[1]}.up").touch()
        sys.exit(3)
    """
    pytester.makepyfile(pauses=pauses)
    pytester.makepyprojecttoml(
        "".join(
            f"""
        [tool.pytest-parallel-agents.agents.{name}]
        command = ["python", "pauses.py", "{name}"]
        format = "findings"
        retries = 1
        retry-pause = 600
        """
            for name in ("test_one", "test_two")
        )
    )
    with waiting_run(pytester, transport, checks="") as process:
        wait_until_both_pause(process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)

    report = json.loads((pytester.path / "report.json").read_text())
    for check in report["checks"]:
        assert check["outcome"] == "error"
        assert [attempt["outcome"] for attempt in check["attempts"]] == ["error"]
        assert 0 <= check["duration"] < 60


@pytest.mark.slow
def test_each_attempt_has_the_whole_time_limit(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(
        FIRST
        + """
    @pytest.mark.agent("test", retries=3, timeout=2.0)
    def test_slow():
        time.sleep(0.9)
        assert not any(first(name) for name in ("one", "two", "three"))
    """
    )

    run = agents()

    assert run.exit_code == 0
    assert outcomes_of(run, "test_slow") == ["failed"] * 3 + ["passed"]


def test_a_run_that_ends_before_the_next_attempt_counts_the_last(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os, pathlib, time
        import pytest

        @pytest.mark.agent("test", retries=5)
        def test_crashes():
            pathlib.Path("crashed").touch()
            os._exit(3)

        def test_fails():
            while not pathlib.Path("crashed").exists(): time.sleep(0.01)
            pytest.exit("enough", returncode=9)
    """)

    run = agents("--max-worker-restart=0")

    assert run.exit_code in {1, 2, 9}
    assert run.outcomes["test_crashes"] == "crashed"
    assert "exited with code 3" in run.check("test_crashes")["message"]
    assert "exited with code 3" in run.check("test_crashes")["failure"]["text"]


@pytest.mark.slow
def test_a_hanging_command_is_tried_again_after_its_pause(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(
        reviewer="""
        import pathlib, time
        tried = pathlib.Path("tried")
        if not tried.exists():
            tried.touch()
            print("thinking", flush=True)
            time.sleep(600)
        print('{"findings": []}')
        """
    )
    pytester.makepyprojecttoml("""
        [tool.pytest-parallel-agents.agents.reviewer]
        kind = "review"
        command = ["python", "reviewer.py"]
        format = "findings"
        timeout = 1.0
        retries = 2
        retry-pause = 0.3
    """)

    run = agents()

    assert run.exit_code == 0, run.stdout
    assert outcomes_of(run, "reviewer") == ["timed_out", "passed"]
    first, second = run.check("reviewer")["attempts"]
    assert second["start"] - first["stop"] >= 0.25
