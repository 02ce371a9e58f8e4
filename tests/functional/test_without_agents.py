"""Without `--agents` nothing runs in parallel, and marked checks are plain tests that our fixtures may still fail."""

from __future__ import annotations

import re
import sys

import pytest

from pytest_parallel_agents.plugin import NEED_AGENTS
from tests.functional.runs import configure, run_pytest

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
    result = run_pytest(pytester, "--strict-markers", "-rs")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["collected 3 items", "*SKIPPED*convergence needs --agents"])
    assert "parallel agents" not in str(result.stdout)


JUDGED = """
import pytest
agent = pytest.mark.agent

@agent("review")
def test_grave(findings): findings.add("wrong", path="shop.py", line=1)
@agent("review")
def test_light(findings): findings.add("odd", level="warning")
@agent("review")
def test_strict(findings):
    findings.fail_on("warning")
    findings.add("odd", level="warning")
def test_unmarked(findings): findings.add("wrong")
@pytest.mark.xfail
@agent("review")
def test_known(findings): findings.add("wrong")
@agent("profile")
def test_idle(profile): pass
@agent("license")
def test_license(findings): pass
@agent("profile")
def test_timed(benchmark, findings): benchmark(len, "x")
@agent("review")
def test_raising(findings):
    findings.add("wrong")
    raise ValueError("rather this")
"""


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-n1",), ("--agents",)], ids=" ".join)
def test_what_our_fixtures_record_is_judged_with_and_without_the_flag(
    pytester: pytest.Pytester, flags: tuple[str, ...]
) -> None:
    configure(pytester, "")
    pytester.makeconftest(
        """
        from pytest_parallel_agents.api import CheckFailed

        class License:
            kind = "license"
            def judge(self, item, evidence): raise CheckFailed("looked at no file")

        def pytest_agents_kinds(config): return [License()]
        """
    )
    pytester.makepyfile(test_it=JUDGED)
    result = run_pytest(pytester, "-pbenchmark", "-rA", "-pno:cacheprovider", *flags)
    result.assert_outcomes(passed=2, failed=6, xfailed=1)
    told = {line.split(" - ")[0]: line for line in result.outlines if line.startswith(("FAILED ", "PASSED "))}
    assert told.keys() == {
        *(f"FAILED test_it.py::test_{name}" for name in ("grave", "strict", "unmarked", "idle", "license", "raising")),
        *(f"PASSED test_it.py::test_{name}" for name in ("light", "timed")),
    }
    assert told["FAILED test_it.py::test_grave"].endswith(" - Failed: 1 finding")
    assert told["FAILED test_it.py::test_license"].endswith(" - Failed: looked at no file")
    assert told["FAILED test_it.py::test_raising"].endswith(" - ValueError: rather this")
    assert any("test_grave: wrong" in line for line in result.outlines)


def test_a_check_that_is_run_again_is_judged_by_its_last_attempt(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            runtestprotocol(item, nextitem=nextitem, log=False)
            runtestprotocol(item, nextitem=nextitem)
            return True
        """
    )
    pytester.makepyfile(
        test_it="""
        attempts = []
        def test_it(findings):
            attempts.append(1)
            if len(attempts) == 1: findings.add("only now")
        """
    )
    run_pytest(pytester).assert_outcomes(passed=1)


def test_two_agents_of_one_kind_are_an_error_of_the_checks_they_would_judge(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        class Another:
            kind = "review"
            def judge(self, item, evidence): ...

        def pytest_agents_kinds(config): return [Another()]
        """
    )
    pytester.makepyfile(test_it="def test_judged(findings): pass\ndef test_plain(): pass")
    result = run_pytest(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['the kind "review" is registered twice*'])


def test_a_faulty_table_does_not_matter(pytester: pytest.Pytester) -> None:
    configure(pytester, "wrong = 1\n")
    run_pytest(pytester).assert_outcomes(passed=2, skipped=1)


def test_flags_of_this_run_that_do_nothing_are_refused(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "--agents-report=r.json", "--agents-timeout", "0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.stderr.lines if line] == [
        "ERROR: --agents-timeout does nothing without --agents (add --agents)",
        "ERROR: --agents-report does nothing without --agents (add --agents)",
    ]
    assert result.stdout.lines == []


@pytest.mark.slow
@pytest.mark.parametrize("args", [(), ("-n1",)], ids=["alone", "xdist"])
def test_flags_of_addopts_that_do_nothing_are_named(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    with (pytester.path / "pyproject.toml").open("a") as file:
        file.write('\n[tool.pytest]\naddopts = ["--agents-wait=any", "--agents-report=r.json"]\n')
    said = "agents: without --agents these do nothing: --agents-wait, --agents-report"

    result = run_pytest(pytester, *args)

    result.assert_outcomes(passed=2, skipped=1)
    assert result.stdout.lines.count(said) == 1
    assert not (pytester.path / "r.json").exists()
    assert said not in str(run_pytest(pytester, "--agents-plan").stdout)


def test_no_flag_does_nothing_in_silence(pytester: pytest.Pytester) -> None:
    shown = str(pytester.run(sys.executable, "-m", "pytest", "--help").stdout)
    flags = set(re.findall(r"^  (--agents-[a-z-]+)", shown, re.MULTILINE))
    assert set(NEED_AGENTS) == flags - {"--agents-plan"}


def test_xdist_works_as_ever(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "-n1", "--dist=load")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["1 worker [[]3 items]"])


def test_hardly_anything_is_imported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import sys
        def test_modules():
            ours = {name for name in sys.modules if name.startswith("pytest_parallel_agents")}
            assert ours == {"pytest_parallel_agents" + part for part in ("", ".plugin", ".hookspecs")}
            assert "msgspec" not in sys.modules
        """
    )
    pytester.run(sys.executable, "-m", "pytest").assert_outcomes(passed=1)


def test_the_plugin_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_it(): pass")
    run_pytest(pytester, "-p", "no:parallel_agents").assert_outcomes(passed=1)
    result = run_pytest(pytester, "-p", "no:parallel_agents", "--agents")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --agents"])


@pytest.mark.slow
def test_the_flags_are_explained(pytester: pytest.Pytester) -> None:
    result = pytester.run(sys.executable, "-m", "pytest", "--help")
    result.stdout.fnmatch_lines(["parallel agents:", "*--agents *", "*--agents-plan *", "*--agents-report=PATH*"])
    markers = pytester.run(sys.executable, "-m", "pytest", "--markers")
    markers.stdout.fnmatch_lines(["@pytest.mark.agent(kind, [*], reads=(), writes=()*"])
