"""Each of several machines runs a part of the checks: every check runs in exactly one."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.functional.runs import AgentsRun, configure, refused, run_agents, run_pytest

FILES = 4
TESTS = 6


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    configure(
        pytester,
        """
        [.resources]
        db = 1
        [.agents.true]
        command = "true"
        [.agents.first]
        command = "true"
        after = ["true"]
        """,
    )
    source = """
    import pytest

    @pytest.mark.parametrize("number", range(6))
    def test_it(number): pass
    """
    pytester.makepyfile(**{f"test_{name}": source for name in "abcd"})
    pytester.makepyfile(
        test_kept="""
        import pytest

        @pytest.mark.agent("test", writes=["db"])
        def test_writes(): pass

        @pytest.mark.agent("review", reads=["db"])
        def test_reads(): pass

        @pytest.mark.agent("review", group="panel")
        def test_one(): pass

        @pytest.mark.agent("review", group="panel")
        def test_other(): pass

        def test_gate(convergence):
            assert convergence.results
        """
    )


def shard(pytester: pytest.Pytester, number: int, total: int, *args: str) -> AgentsRun:
    return run_agents(pytester, f"--agents-shard={number}/{total}", *args)


@pytest.mark.parametrize("transport", ["fork", pytest.param("popen", marks=pytest.mark.slow)])
def test_every_check_runs_in_one_shard(pytester: pytest.Pytester, transport: str) -> None:
    commit_all(pytester.path)
    runs = [shard(pytester, number, 3, f"--tx={transport}") for number in (1, 2, 3)]

    ran = Counter(nodeid for run in runs for nodeid in run.nodeids)
    assert set(ran.values()) == {1}
    assert len(ran) == FILES * TESTS + 7
    for together in (("writes", "reads"), ("one", "other")):
        names = {f"test_kept.py::test_{name}" for name in together}
        assert any(names <= set(run.nodeids) for run in runs)
    assert any({"pyproject.toml::true", "pyproject.toml::first"} <= set(run.nodeids) for run in runs)
    assert [run.report["run"]["shard"] for run in runs] == ["1/3", "2/3", "3/3"]
    for key in ("division", "configuration", "commit"):
        assert len({run.report["run"][key] for run in runs}) == 1
    assert runs[0].report["run"]["commit"]
    judging = next(run for run in runs if "test_kept.py::test_gate" in run.nodeids)
    assert "test_kept.py::test_gate judges the checks of shard " in judging.stdout


def commit_all(folder: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def test_given_durations_decide(pytester: pytest.Pytester) -> None:
    report = json.loads(json.dumps(run_agents(pytester).report))
    for check in report["checks"]:
        check["duration"] = 10.0 if check["nodeid"] == "test_a.py::test_it[0]" else 0.1
    (pytester.path / "whole.json").write_text(json.dumps(report))

    run = shard(pytester, 1, 2, "--agents-durations=whole.json")

    assert set(run.nodeids) == {"test_a.py::test_it[0]"}


def test_a_shard_may_be_empty(pytester: pytest.Pytester) -> None:
    (pytester.path / "pyproject.toml").unlink()

    run = shard(pytester, 2, 2, "test_a.py::test_it[0]")

    assert run.exit_code == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_shard_is_shown_before_it_runs(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "--agents", "--agents-shard=1/2", "--collect-only", "-q", "test_a.py", "test_b.py")

    result.stdout.fnmatch_lines("6/12 tests collected (6 deselected)*")


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["--agents-shard=0/2"], "--agents-shard is '0/2' (give I/N, such as 1/4 for the first of four)"),
        (["--agents-shard=3/2"], "--agents-shard is '3/2'*"),
        (["--agents-shard=half"], "--agents-shard is 'half'*"),
        (
            ["--agents-shard=1/2", "--agents-wait=any"],
            "--agents-shard and --agents-wait (or the key wait): *",
        ),
        (["--agents-durations=none.json"], "--agents-durations *none.json cannot be read: *"),
    ],
)
def test_faults(pytester: pytest.Pytester, args: list[str], fault: str) -> None:
    assert [fnmatch(text.replace("[", "("), fault) for text in refused(pytester, *args)] == [True]


def test_a_run_that_is_configured_to_wait_for_some_cannot_be_divided(pytester: pytest.Pytester) -> None:
    configure(pytester, 'wait = "any"\n')

    assert [fnmatch(text, "--agents-shard and --agents-wait*") for text in refused(pytester, "--agents-shard=1/2")] == [
        True
    ]
    assert run_agents(pytester, "--agents-shard=1/2", "--agents-wait=all", "test_a.py").exit_code == 0
