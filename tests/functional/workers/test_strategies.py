"""Waiting for all, any or N: for a group, and for the run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.functional.runs import configure, refused, run_agents, run_pytest
from tests.functional.workers.conftest import Agents

RACE = """
    import pathlib, threading, time
    import pytest

    pytestmark = pytest.mark.agent("test", group="solvers")

    def test_wrong(): assert 0, "no solution"

    def test_right():
        for name in {events}:
            while not pathlib.Path(name).exists(): time.sleep(0.01)

    def test_slow():
        threading.Event().wait()
        pathlib.Path("slow.down").touch()
"""
TELLS = """
    import pathlib
    from pytest_parallel_agents.controller.message_handler import MessageHandler

    dispatch = MessageHandler._dispatch

    def tell(self, worker, message):
        dispatch(self, worker, message)
        pathlib.Path(f"{type(message).__name__} {getattr(message, 'check', None)}").touch()

    MessageHandler._dispatch = tell
"""


def junit(path: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Counts of the only suite, and the skipped cases with their reasons."""
    (suite,) = ET.parse(path).getroot()  # noqa: S314 - of our own making
    counts = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    skipped = {case.attrib["name"]: each.attrib["message"] for case in suite for each in case.iter("skipped")}
    return counts, skipped


def test_the_first_success_ends_a_group(pytester: pytest.Pytester, agents: Agents) -> None:
    configure(pytester, '[.groups.solvers]\nwait = "any"\n')
    pytester.makeconftest(TELLS)
    pytester.makepyfile(test_it=RACE.format(events=["Finished 0", "Started 2"]))

    run = agents("-n3", "--junitxml=junit.xml", "-rs")

    assert run.exit_code == 0
    assert run.outcomes == {"test_wrong": "failed", "test_right": "passed", "test_slow": "cancelled"}
    assert [attempt["outcome"] for attempt in run.check("test_slow")["attempts"]] == ["cancelled"]
    (group,) = run.report["groups"]
    right = run.check("test_right")
    first_start = min(check["start"] for check in run.report["checks"])
    assert group == {
        "name": "solvers",
        "wait": "any",
        "passed": True,
        "decided_by": "test_it.py::test_right",
        "seconds": pytest.approx(right["stop"] - first_start),
        "members": [f"test_it.py::{name}" for name in run.outcomes],
        "agree": None,
        "answers": None,
        "agreements": [],
    }
    counts, skipped = junit(pytester.path / "junit.xml")
    assert counts == {"tests": 3, "failures": 0, "errors": 0, "skipped": 2}
    met = "group 'solvers' (wait any) was met by test_it.py::test_right"
    assert skipped["test_slow"] == f"cancelled: {met}"
    assert skipped["test_wrong"].startswith(f"failed, which does not count: {met} (")
    assert "group solvers (wait any): met by test_it.py::test_right after " in run.stdout
    assert not (pytester.path / "slow.down").exists()


@pytest.mark.slow
def test_the_shortest_member_goes_first_once_they_have_run(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makepyfile(
        """
        import time
        import pytest

        @pytest.mark.agent("test", group="solvers", cpus=2)
        @pytest.mark.parametrize("seconds", [0.4, 0.1, 0.2])
        def test_it(seconds): time.sleep(seconds)
        """
    )
    run_agents(pytester, f"--tx={transport}")
    configure(pytester, '[.groups.solvers]\nwait = "any"\n')

    run = run_agents(pytester, f"--tx={transport}")

    assert run.exit_code == 0
    assert run.report["groups"][0]["decided_by"].endswith("test_it[0.1]")
    assert run.order[0] == "test_it[0.1]"
    plan = str(run_pytest(pytester, "--agents-plan", "-n2").stdout)
    assert re.search(r"groups\n +0\.\d+ s  solvers \(wait any of 3 checks\)", plan), plan


def test_a_group_fails_as_soon_as_too_few_are_left(pytester: pytest.Pytester, agents: Agents) -> None:
    configure(pytester, "[.groups.solvers]\nwait = 3\n")
    source = RACE.format(events=["the end of the run"])
    pytester.makepyfile(test_it=f"{source}\n    def test_wrong_too(): assert 0, 'none either'\n")

    run = agents("-n4", "--junitxml=junit.xml")

    assert run.exit_code == 1
    assert {run.outcomes["test_slow"], run.outcomes["test_right"]} == {"cancelled"}
    assert {run.outcomes["test_wrong"], run.outcomes["test_wrong_too"]} == {"failed"}
    (group,) = run.report["groups"]
    assert not group["passed"]
    counts, skipped = junit(pytester.path / "junit.xml")
    assert (counts["failures"], counts["skipped"]) == (2, 2)
    assert "(wait 3) can no longer be met" in skipped["test_slow"]
    assert "3 are needed" in skipped["test_slow"]
    assert "no solution" in run.stdout


def test_a_group_without_a_pass_fails_though_nothing_failed(pytester: pytest.Pytester, agents: Agents) -> None:
    configure(pytester, '[.groups.solvers]\nwait = "any"\n')
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.agent("test", group="solvers")
        def test_it(): pytest.skip("no solver here")
        """
    )

    run = agents()

    assert run.outcomes == {"test_it": "skipped"}
    assert run.exit_code == 1
    assert "group solvers (wait any): failed, 0 passed, 1 is needed" in run.stdout


def test_the_run_itself_can_wait_for_any(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(
        """
        import threading

        def test_waits(): threading.Event().wait()
        def test_fails(): assert 0
        def test_passes(): pass
        def test_waits_too(): threading.Event().wait()
        """
    )

    run = agents("--agents-wait=any", "-n4")

    assert run.exit_code == 0
    assert run.outcomes["test_passes"] == "passed"
    assert {run.outcomes["test_waits"], run.outcomes["test_waits_too"]} == {"cancelled"}
    assert run.report["groups"][0]["name"] == "(run)"


def test_the_failure_of_a_member_does_not_end_the_run(pytester: pytest.Pytester, agents: Agents) -> None:
    configure(pytester, '[.groups.solvers]\nwait = "any"\n')
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.agent("test", group="solvers")
        @pytest.mark.parametrize("number", range(20))
        def test_member(number): assert number == 19

        @pytest.mark.parametrize("number", range(20))
        def test_other(number): pass
        """
    )

    run = agents("-x")

    assert run.exit_code == 0
    assert run.outcomes["test_member[19]"] == "passed"
    assert {run.outcomes[f"test_other[{number}]"] for number in range(20)} == {"passed"}


def test_lanes_of_others_keep_their_fixtures_when_a_member_is_cancelled(
    pytester: pytest.Pytester, agents: Agents
) -> None:
    configure(pytester, '[.groups.solvers]\nwait = "any"\n')
    pytester.makepyfile(
        """
        import pathlib, threading, time
        import pytest

        @pytest.fixture(scope="class")
        def shared():
            with open("setups", "a") as file: file.write("x")

        class TestLane:
            def test_a(self, shared):
                while not pathlib.Path("up").exists(): time.sleep(0.01)
                pathlib.Path("go").touch()
                time.sleep(0.3)
            def test_b(self, shared): pass
            def test_c(self, shared): pass

        @pytest.mark.agent("test", group="solvers", cpus=0)
        def test_slow():
            pathlib.Path("up").touch()
            threading.Event().wait()

        @pytest.mark.agent("test", group="solvers", cpus=0)
        def test_quick():
            while not pathlib.Path("go").exists(): time.sleep(0.01)
        """
    )

    run = agents("-n3")

    assert run.outcomes["test_slow"] == "cancelled"
    assert run.exit_code == 0
    assert (pytester.path / "setups").read_text("utf-8") == "x"


@pytest.mark.parametrize("transport", ["fork"])
def test_without_workers_a_group_gets_one(pytester: pytest.Pytester, agents: Agents) -> None:
    configure(pytester, '[.groups.solvers]\nwait = "any"\n')
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.agent("test", group="solvers")
        @pytest.mark.parametrize("number", range(3))
        def test_it(number): assert number
        """
    )

    run = agents("-n0")

    assert run.exit_code == 0
    assert list(run.outcomes.values()) == ["failed", "passed", "cancelled"]


@pytest.mark.parametrize("transport", ["fork"])
def test_a_group_that_can_never_be_met_is_refused(pytester: pytest.Pytester, transport: str) -> None:
    configure(pytester, "[.groups.solvers]\nwait = 4\n")
    pytester.makepyfile(test_it=RACE.format(events=[]))

    (fault,) = refused(pytester, f"--tx={transport}")

    assert fault == (
        "group 'solvers' waits for 4 of its checks to pass, but has 3 checks "
        "(lower pyproject.toml: tool.pytest-parallel-agents.groups.solvers.wait)"
    )


@pytest.mark.parametrize("transport", ["fork"])
def test_an_unknown_strategy_is_refused(pytester: pytest.Pytester, transport: str) -> None:
    configure(pytester, '[.groups.solvers]\nwait = "some"\nwiat = 1\n')
    pytester.makepyfile(test_it=RACE.format(events=[]))

    faults = refused(pytester, f"--tx={transport}", "--agents-wait=none")

    assert any('groups.solvers.wait must be "all", "any" or a whole number of at least 1' in fault for fault in faults)
    assert any("groups.solvers.wiat is an unknown key" in fault for fault in faults)
    assert any("--agents-wait is 'none'" in fault for fault in faults)
