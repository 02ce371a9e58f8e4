"""Without `--agents` the plugin changes nothing, and marked checks are plain tests."""

from __future__ import annotations

import re
import sys

import pytest

from pytest_parallel_agents.plugin import NEED_AGENTS
from tests.functional.runs import configure

CHECKS = """
import pytest

@pytest.mark.agent("review", writes=["db"])
def test_review(findings):
    findings.add("nothing to worry about", level="note")
    assert len(findings) == 1

@pytest.mark.agent("profile")
def test_profile(profile):
    with profile() as run: sorted([3, 2, 1])
    assert run.calls >= 1

def test_gate(convergence): assert 0
"""


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    configure(pytester, '[.agents.bad]\ncommand = "false"\n')
    pytester.makepyfile(test_it=CHECKS)


def test_marked_checks_are_plain_tests(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--strict-markers", "-rs")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["collected 3 items", "*SKIPPED*convergence needs --agents"])
    assert "parallel agents" not in str(result.stdout)


def test_a_faulty_table_does_not_matter(pytester: pytest.Pytester) -> None:
    configure(pytester, "wrong = 1\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=2, skipped=1)


def test_flags_of_this_run_that_do_nothing_are_refused(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--agents-report=r.json", "--agents-timeout", "0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.stderr.lines if line] == [
        "ERROR: --agents-timeout does nothing without --agents (add --agents)",
        "ERROR: --agents-report does nothing without --agents (add --agents)",
    ]
    assert result.stdout.lines == []


@pytest.mark.parametrize("args", [(), ("-n1",)], ids=["alone", "xdist"])
def test_flags_of_addopts_that_do_nothing_are_named(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    with (pytester.path / "pyproject.toml").open("a") as file:
        file.write('\n[tool.pytest]\naddopts = ["--agents-wait=any", "--agents-report=r.json"]\n')
    said = "agents: without --agents these do nothing: --agents-wait, --agents-report"

    result = pytester.runpytest_subprocess(*args)

    result.assert_outcomes(passed=2, skipped=1)
    assert result.stdout.lines.count(said) == 1
    assert not (pytester.path / "r.json").exists()
    assert said not in str(pytester.runpytest_subprocess("--agents-plan").stdout)


def test_no_flag_does_nothing_in_silence(pytester: pytest.Pytester) -> None:
    shown = str(pytester.run(sys.executable, "-m", "pytest", "--help").stdout)
    flags = set(re.findall(r"^  (--agents-[a-z-]+)", shown, re.MULTILINE))
    assert set(NEED_AGENTS) == flags - {"--agents-plan"}


def test_xdist_works_as_ever(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("-n1", "--dist=load")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["1 worker [[]3 items]"])


def test_hardly_anything_is_imported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import sys
        def test_modules():
            ours = {name for name in sys.modules if name.startswith("pytest_parallel_agents")}
            assert ours == {"pytest_parallel_agents" + part for part in ("", ".plugin", ".hookspecs", ".errors")}
            assert "msgspec" not in sys.modules
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_plugin_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_it(): pass")
    pytester.runpytest_subprocess("-p", "no:parallel_agents").assert_outcomes(passed=1)
    result = pytester.runpytest_subprocess("-p", "no:parallel_agents", "--agents")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --agents"])


def test_the_flags_are_explained(pytester: pytest.Pytester) -> None:
    result = pytester.run(sys.executable, "-m", "pytest", "--help")
    result.stdout.fnmatch_lines(["parallel agents:", "*--agents *", "*--agents-plan *", "*--agents-report=PATH*"])
    markers = pytester.run(sys.executable, "-m", "pytest", "--markers")
    markers.stdout.fnmatch_lines(["@pytest.mark.agent(kind, [*], reads=(), writes=()*"])
