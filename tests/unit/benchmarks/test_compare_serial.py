"""Real pytest runs of a small project in this interpreter's own environment."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from benchmarks.compare_serial import compare
from benchmarks.environments import Environment
from benchmarks.processes import RunFailed
from benchmarks.projects import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    source = tmp_path / "source"
    source.mkdir()
    (source / "pytest.ini").write_text("[pytest]\naddopts = -p no:randomly -p no:hypothesispytest -p no:benchmark\n")
    return Project(
        name="small-1.0", source=source, environment=Environment(Path(sys.prefix)), outputs=tmp_path / "runs"
    )


def write_tests(project: Project, text: str) -> None:
    (project.source / "test_small.py").write_text(dedent(text))


@pytest.mark.slow
def test_a_candidate_that_says_the_same_is_no_difference(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    write_tests(project, "def test_a(): print('hello')\ndef test_b(): assert 0")
    assert compare(project, [["-v"]], cov=True)
    told = capsys.readouterr().out
    assert "small-1.0: 2 tests, exit code 1, serially" in told
    assert ": no differences" in told


@pytest.mark.slow
def test_what_a_candidate_changes_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    text = """
        import os

        def test_alone():
            if "PYTEST_XDIST_WORKER" in os.environ:
                print("not alone")
                assert 0
    """
    write_tests(project, text)
    assert not compare(project, [["-n1"]], cov=True)
    told = capsys.readouterr().out
    assert "exit code: serial 0, candidate 1" in told
    assert "JUnit count of failures: serial 0, candidate 1" in told
    assert "outcome of test_small::test_alone: serial passed, candidate failure" in told
    assert "lines of test_small.py executed by the candidate only: 6-7" in told


@pytest.mark.slow
def test_a_warning_more_is_a_difference(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    text = """
        import warnings

        def test_a(pytestconfig):
            for number in range(1 + pytestconfig.option.verbose):
                warnings.warn(f"number {number}")
    """
    write_tests(project, text)
    assert not compare(project, [["-v"]], arguments=["-p", "no:randomly"], cov=False)
    assert "warnings: serial 1, candidate 2" in capsys.readouterr().out


FLIPS = """
    import os
    import pathlib

    def test_flips():
        state = pathlib.Path("state")
        state.write_text("x" if not state.exists() else state.read_text() + "x")
        {then}
"""
"""The statement after `then` sees in `state` how often the test has run."""


@pytest.mark.slow
def test_a_test_that_changes_by_itself_is_not_compared(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    write_tests(project, FLIPS.format(then="assert state.read_text() != 'x'"))
    assert compare(project, [["-v"]], cov=False)
    assert "not compared, unstable even serially: test_small::test_flips" in capsys.readouterr().out


@pytest.mark.slow
def test_what_is_set_aside_is_compared_in_no_run(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    text = """
        import os, time, pytest

        @pytest.mark.parametrize("when", [time.time_ns()])
        def test_names(when): pass

        def test_worker(): assert "PYTEST_XDIST_WORKER" not in os.environ
    """
    write_tests(project, text)
    aside = ["test_small::test_names*", "test_small::test_worker"]
    assert not compare(project, [["-n0"]], cov=False)
    assert compare(project, [["-n0"]], cov=False, set_aside=aside)
    told = capsys.readouterr().out
    assert "not compared, set aside: test_small::test_worker" in told
    assert "not compared, set aside: test_small::test_names[" in told


@pytest.mark.slow
def test_a_test_that_prints_something_else_each_time_must_end_the_same(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tests(project, FLIPS.format(then="print(state.read_text()); assert 'PYTEST_XDIST_WORKER' not in os.environ"))
    assert compare(project, [["-v"]], cov=False)
    assert not compare(project, [["-n1"]], cov=False)
    told = capsys.readouterr().out
    assert "only the outcome compared, texts unstable even serially: 1 tests, test_small::test_flips" in told
    assert "outcome of test_small::test_flips: serial passed, candidate failure" in told


@pytest.mark.slow
def test_messages_and_output_may_be_left_out(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    write_tests(project, "def test_a(pytestconfig): print(pytestconfig.option.verbose)")
    assert not compare(project, [["-v"]], arguments=["-p", "no:randomly"], cov=False)
    assert compare(project, [["-v"]], arguments=["-p", "no:randomly"], cov=False, outcomes_only=True)
    assert "captured output of test_small::test_a" in capsys.readouterr().out


@pytest.mark.slow
def test_a_candidate_that_leaves_no_report_says_why(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    write_tests(project, "def test_a(): pass")
    assert not compare(project, [["--no-such-option"]], cov=False)
    told = capsys.readouterr().out
    assert "wrote no junit.xml and exited with 4" in told
    assert "unrecognized arguments: --no-such-option" in told


def test_without_serial_runs_there_is_nothing_to_compare(project: Project) -> None:
    (project.source / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    with pytest.raises(RunFailed, match="no-such-option"):
        compare(project, [], cov=False)
