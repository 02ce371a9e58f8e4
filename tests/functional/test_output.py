"""What the terminal shows while checks run, and that pytest's own options keep their meaning."""

from __future__ import annotations

import re

import pytest

from tests.functional.runs import configure, run_agents

PROGRESS = re.compile(
    r"^ *(PASS|FAIL|ERROR|SKIP|XFAIL) \[ *\d+\.\d{3}s\] (gw\d+|controller) +(\w+) +(\S+)(?: +\[ *\d+%\])?$",
    re.MULTILINE,
)


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.agent("review")
        def test_fine(findings): pass

        @pytest.mark.agent("test")
        def test_wrong(): assert 1 == 2

        @pytest.mark.agent("test")
        def test_later(): pytest.skip("not today")

        def test_plain(): print("said plainly")

        @pytest.mark.xfail
        def test_known(): assert 0

        @pytest.fixture
        def broken(): raise ValueError("no set-up")
        def test_unready(broken): pass
        """
    )


def lines(stdout: str) -> set[tuple[str, str]]:
    """(label, name of the check) of every progress line."""
    return {(match[1], match[4].rpartition("::")[2]) for match in PROGRESS.finditer(stdout)}


MARKED = {("PASS", "test_fine"), ("FAIL", "test_wrong"), ("SKIP", "test_later")}
PLAIN = {("PASS", "test_plain"), ("XFAIL", "test_known"), ("ERROR", "test_unready")}
SUMMARY = "1 failed, 2 passed, 1 skipped, 1 xfailed, 1 error"


def letters(stdout: str) -> str:
    """Pytest's own dots."""
    return "".join(re.findall(r"^([.FEsxX]+)(?: +\[ *\d+%\])?$", stdout, re.MULTILINE))


@pytest.mark.parametrize("workers", ["-n2", "-n0"])
def test_a_line_per_marked_check_and_dots_for_plain_tests(pytester: pytest.Pytester, workers: str) -> None:
    run = run_agents(pytester, workers)
    assert lines(run.stdout) == MARKED
    assert sorted(letters(run.stdout)) == sorted(".xE")
    assert SUMMARY in run.stdout


@pytest.mark.parametrize("workers", ["-n2", "-n0"])
def test_a_line_per_check(pytester: pytest.Pytester, workers: str) -> None:
    run = run_agents(pytester, "-v", workers)
    assert lines(run.stdout) == MARKED | PLAIN
    assert letters(run.stdout) == ""
    assert len(re.findall(r"test_it\.py::test_fine\b", run.stdout)) == 1
    assert re.findall(r" \[ *(\d+)%\]\n", run.stdout) == ["16", "33", "50", "66", "83", "100"]


@pytest.mark.parametrize("workers", ["-n2", "-n0"])
def test_dots_only(pytester: pytest.Pytester, workers: str) -> None:
    run = run_agents(pytester, "-q", workers)
    assert lines(run.stdout) == set()
    assert sorted(letters(run.stdout)) == sorted(".F.sxE"[:2] + ".sxE")
    assert "test session starts" not in run.stdout


@pytest.mark.parametrize("workers", ["-n2", "-n0"])
def test_lines_do_not_break_rows_of_dots(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(
        test_many="""
        import pytest

        @pytest.mark.parametrize("n", range(100))
        def test_plain(n): pass

        @pytest.mark.agent("review")
        @pytest.mark.parametrize("n", range(9))
        def test_marked(n, findings): pass
        """
    )
    run = run_agents(pytester, workers, "test_many.py")
    rows = re.findall(r"^(\.+)", run.stdout, re.MULTILINE)
    assert [len(row) for row in rows] == [72, 28]
    assert len(lines(run.stdout)) == 9


@pytest.mark.parametrize("workers", ["-n2", "-n0"])
def test_no_percentage_without_a_row(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(
        test_marked="""
        import pytest

        @pytest.mark.agent("review")
        @pytest.mark.parametrize("n", range(2))
        def test_marked(n, findings): pass
        """
    )
    assert "%]" not in run_agents(pytester, workers, "test_marked.py").stdout
    assert "%]" in run_agents(pytester, workers, "-q", "test_marked.py").stdout


def test_nothing_but_where_to_look_when_very_quiet(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(wrong="def divide(): return 1 / 0", test_it="import wrong\n\ndef test_wrong(): wrong.divide()")
    run = run_agents(pytester, "-qq")
    assert run.stdout.endswith("\nlook here first: wrong.py:1 divide [test]")
    assert "parallel agents" not in run.stdout


def test_github_actions_gets_annotations_and_a_summary(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = pytester.path / "summary.md"
    summary.write_text("# before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(pytester.path.parent))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run = run_agents(pytester, "-q", "--agents-report=report.md")
    assert re.findall(r"^::.*$", run.stdout, re.MULTILINE) == [
        f"::error file={pytester.path.name}/test_it.py,line=7::test_wrong: assert 1 == 2",
        f"::error file={pytester.path.name}/test_it.py,line=18::test_unready: ValueError: no set-up",
    ]
    assert summary.read_text("utf-8") == "# before\n" + (pytester.path / "report.md").read_text("utf-8")


def test_a_summary_that_github_would_refuse_or_that_cannot_be_written_is_remarked(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = pytester.path / "full.md"
    full.write_text("x" * 1024 * 1024)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(full))
    assert "the summary for GitHub is left out" in run_agents(pytester, "-k", "plain").stdout
    assert full.stat().st_size == 1024 * 1024
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path))
    run = run_agents(pytester, "-k", "plain")
    assert "cannot be written" in run.stdout
    assert run.exit_code == pytest.ExitCode.OK


def test_no_word_is_broken_in_a_narrow_terminal(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    slow = "from pytest_parallel_agents.controller.afterwards import second_pass\nsecond_pass.NOTED_SECONDS = -1.0\n"
    pytester.makepyfile(slow=slow)
    run = run_agents(pytester, "-v", "--tb=no", "-p", "no:randomly", "-p", "slow")
    assert "agents: looking for causes:" in run.stdout
    ours = run.stdout.partition("collected")[2].partition("short test summary")[0].splitlines()[1:]
    assert [line for line in ours if len(line) > 40 and " " in line.strip()] == []


def test_failures_name_their_worker(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester)
    assert re.search(r"_+ test_wrong _+\n\[gw\d\] ", run.stdout)
    assert "ERROR test_it.py::test_unready - ValueError: no set-up" in run.stdout
    assert "FAILED test_it.py::test_wrong - assert 1 == 2" in run.stdout


def test_without_the_summary_of_short_texts(pytester: pytest.Pytester) -> None:
    assert "short test summary" not in run_agents(pytester, "-r", "N").stdout


def test_durations_of_set_ups_and_tear_downs_are_reported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")
    run = run_agents(pytester, "--durations=0", "-vv", "-p", "no:cacheprovider")
    assert set(re.findall(r"\ds (\w+) +\S+::test_one", run.stdout)) == {"setup", "call", "teardown"}


def test_durations(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "--durations=0", "-vv")
    assert re.search(r"\d\.\d\ds call +test_it\.py::test_plain", run.stdout)


def test_captured_output_of_passing_tests(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "-rP")
    assert "said plainly" in run.stdout


@pytest.mark.parametrize("option", ["--setup-only", "--setup-plan"])
def test_showing_set_ups_runs_no_command(pytester: pytest.Pytester, option: str) -> None:
    configure(pytester, '[.agents.trace]\ncommand = ["touch", "ran"]\n')
    run = run_agents(pytester, option)
    assert not (pytester.path / "ran").exists()
    assert "test_it.py::test_fine (fixtures used: findings, request)" in run.stdout


def test_showing_set_ups_while_checks_run(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "--setup-show", "-k", "fine")
    assert run.stdout.index("SETUP    F findings") < run.stdout.index("TEARDOWN F findings")
    assert run.outcomes == {"test_fine": "passed"}


@pytest.mark.slow
def test_no_terminal(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "-p", "no:terminal")
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert run.stdout.strip() == ""


@pytest.mark.parametrize(
    ("args", "workers"),
    [(["-n1"], {"gw0"}), (["-n2", "--maxprocesses=1"], {"gw0"}), (["-n0"], {"controller"})],
)
def test_number_of_workers(pytester: pytest.Pytester, args: list[str], workers: set[str]) -> None:
    run = run_agents(pytester, *args)
    assert run.workers() == workers
    assert run.report["run"]["workers"] == len(workers - {"controller"})


def test_every_check_on_one_worker_runs_in_collection_order(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "-n0")
    assert run.order == [nodeid.rpartition("::")[2] for nodeid in run.nodeids]


def test_a_terminal_reporter_of_another_plugin_gets_every_report(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import pytest
        from _pytest.terminal import TerminalReporter

        class OwnReporter(TerminalReporter):
            seen = []

            def pytest_runtest_logstart(self, nodeid):
                self.seen.append("start")

            def pytest_runtest_logreport(self, report):
                self.seen.append(report.when)

            def summary_stats(self):
                self.write_line(f"seen: {' '.join(self.seen)}")

        @pytest.hookimpl(trylast=True)
        def pytest_configure(config):
            config.pluginmanager.unregister(name="terminalreporter")
            config.pluginmanager.register(OwnReporter(config), "terminalreporter")
    """)
    run = run_agents(pytester, "-k", "plain")
    assert "seen: start setup call teardown" in run.stdout


def test_the_summary_ends_with_what_to_do_next(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "-k", "wrong", "--agents-report=out/page.html")
    assert run.stdout.partition("next: ")[2].splitlines()[1:-1] == [
        "      pytest --agents --lf",
        "      pytest-parallel-agents explain 1    # all of the first place",
        "      python -m webbrowser out/page.html  # the whole run in a browser",
    ]
