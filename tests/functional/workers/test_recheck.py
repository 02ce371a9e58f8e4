"""A failed test runs once more, alone: the report of it, and all that stays as it was."""

from __future__ import annotations

import shlex
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.functional.runs import run_agents
from tests.functional.workers.conftest import Agents


@pytest.fixture
def transport() -> str:
    """Fresh interpreters try nothing again."""
    return "fork"


DEPENDENT = """
    import os, sys, time, warnings
    import pytest

    STATE = []

    @pytest.fixture(scope="module")
    def lane():
        yield
        print("torn down")

    @pytest.fixture
    def clean(lane):
        assert not STATE, "left over"

    def test_first(lane):
        STATE.append(1)
    def test_dependent(lane, tmp_path, worker_id, request):
        assert request.config.workerinput["given"] == "by a plugin"
        if not STATE:
            print("this must not be seen")
            warnings.warn("nor this")
            assert tmp_path.parent.name == f"popen-{worker_id}"
            only_alone()
        assert not STATE, "left over"
    def test_in_setup(clean): pass
    def test_failing(lane): assert 0
    def test_skips_alone(lane):
        if not STATE:
            pytest.skip("not alone")
        assert 0
    def test_crashes_alone(lane):
        if not STATE:
            os._exit(3)
        assert 0
    @pytest.mark.agent("test", timeout=1)
    def test_hangs_alone(lane):
        while not STATE:
            time.sleep(0.01)
        assert 0
    @pytest.mark.agent("test", timeout=1)
    def test_goes_on_alone(lane):
        while not STATE:
            try:
                time.sleep(0.01)
            except KeyboardInterrupt:
                pass
        assert 0
    def only_alone(): pass
"""
NODES = """
    def pytest_configure_node(node):
        node.workerinput["given"] = "by a plugin"
        print("configured", node.gateway.id, file=open("nodes", "a"))
    def pytest_testnodedown(node, error):
        print("down", node.gateway.id, error, file=open("nodes", "a"))
    def pytest_runtest_logreport(report):
        if hasattr(report, "node"):
            print(report.when, report.outcome, file=open("reports", "a"))
"""
PASS_ALONE = ["test_dependent", "test_in_setup"]
ENDS_ALONE = {
    "test_dependent": "passed",
    "test_in_setup": "passed",
    "test_failing": "failed",
    "test_skips_alone": "skipped",
    "test_crashes_alone": None,
    "test_hangs_alone": None,
    "test_goes_on_alone": None,
}
SAID = "passes alone: it depends on what ran before it on gw"


@pytest.mark.slow
def test_a_pass_alone_is_reported_and_nothing_else_changes(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(test_it=DEPENDENT)
    pytester.makeconftest(NODES)
    args = ("-n8", "--junitxml=j.xml", "-s", "--cov=.", "--cov-report=term-missing", "--tb=short")

    plain = agents(*args, "--agents-recheck=off")
    nodes, reports = (sorted((pytester.path / name).read_text("utf-8").split()) for name in ("nodes", "reports"))
    (pytester.path / "nodes").unlink()
    (pytester.path / "reports").unlink()
    run = agents(*args)

    assert sorted((pytester.path / "nodes").read_text("utf-8").split()) == nodes
    assert sorted((pytester.path / "reports").read_text("utf-8").split()) == reports
    assert (run.exit_code, run.outcomes) == (plain.exit_code, plain.outcomes)
    assert run.outcomes["test_dependent"] == "failed"
    assert [check.get("alone", "not tried") for check in plain.report["checks"]] == ["not tried"] * 8
    alone = {check["name"]: check["alone"] for check in run.report["checks"] if "alone" in check}
    assert alone == ENDS_ALONE
    for check in run.report["checks"]:
        assert ("replay" in check) == (check["name"] in PASS_ALONE)
    assert "this must not be seen" not in run.stdout + run.stderr
    assert run.stdout.count("torn down") == plain.stdout.count("torn down")
    assert "nor this" not in run.stdout
    assert _counts(run.stdout) == _counts(plain.stdout)
    assert _missed(run.stdout) == _missed(plain.stdout)
    assert run.stdout.count(SAID) == 2 * len(PASS_ALONE)  # at the failure, and in the summary
    cases = {case.get("name"): case for case in ET.parse(pytester.path / "j.xml").iter("testcase")}  # noqa: S314
    assert set(cases) == set(run.outcomes)
    told = {name for name, case in cases.items() for each in case.iter("property") if SAID in str(each.get("value"))}
    assert told == set(PASS_ALONE)


def _counts(stdout: str) -> str:
    return stdout.splitlines()[-1].strip("= ").partition(" in ")[0]


def _missed(stdout: str) -> list[str]:
    return [line for line in stdout.splitlines() if line.startswith("test_it.py ")]


@pytest.mark.slow
def test_fresh_interpreters_try_nothing_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("STATE = []\ndef test_a(): STATE.append(1)\ndef test_b(): assert not STATE")
    run = run_agents(pytester, "--tx=popen", "-n1")
    assert run.outcomes == {"test_a": "passed", "test_b": "failed"}
    assert "alone" not in run.check("test_b")
    assert SAID not in run.stdout


ORDERED = """
    import pytest
    STATE = []
    @pytest.fixture(scope="module", autouse=True)
    def lane(): pass
    @pytest.mark.parametrize("name", ["one", "two words", "[3]", "::", "5", "6"])
    def test_before(name): STATE.append(1)
    class TestIt:
        def test_dependent(self): assert not STATE
    def test_after(): assert 0
"""


@pytest.mark.slow
def test_the_command_runs_the_order_again(pytester: pytest.Pytester, transport: str) -> None:
    """Also from another folder, with `-x`, and when its arguments are in a file."""
    pytester.makepyfile(**{"tests/test_order": ORDERED, "tests/test_other": "def test_other(): pass"})
    pytester.makeini("[pytest]\naddopts = --agents --agents-report=report.json")
    here = pytester.mkdir("here")
    command = [sys.executable, "-m", "pytest", "-n2", f"--tx={transport}", "-x", "--rootdir=..", "-c", "../tox.ini"]

    done = subprocess.run([*command, "../tests"], cwd=here, capture_output=True, text=True, check=False)

    assert SAID in done.stdout
    assert "test_after" not in done.stdout
    replay = next(line.partition(": ")[2] for line in done.stdout.splitlines() if "to run again what ran on" in line)
    (file,) = [word for word in shlex.split(replay) if word.startswith("@")]
    assert (here / file[1:]).read_text("utf-8").splitlines()[-1].endswith("test_order.py::TestIt::test_dependent")
    again = subprocess.run(
        [sys.executable, "-m", *shlex.split(replay)], cwd=here, capture_output=True, text=True, check=False
    )
    assert "1 failed, 6 passed" in again.stdout, again.stdout
    assert "test_order.py::TestIt::test_dependent - assert not [1, 1" in again.stdout


def test_nothing_is_tried_where_a_plugin_would_write_of_it(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        import pytest

        class Watcher:
            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_makereport(self, item, call):
                report = yield
                print(item.name, call.when, report.outcome, file=open("watched", "a"))
                return report

        def pytest_configure(config):
            config.pluginmanager.register(Watcher())
    """)
    pytester.makepyfile("""
        import pytest
        STATE = []

        @pytest.fixture(scope="module")
        def lane(): pass

        def test_first(lane): STATE.append(1)
        def test_dependent(lane): assert not STATE
    """)

    run = agents()

    assert run.outcomes == {"test_first": "passed", "test_dependent": "failed"}
    watched = (pytester.path / "watched").read_text("utf-8").splitlines()
    assert watched.count("test_dependent call failed") == 1
    assert "test_dependent call passed" not in watched


DEPENDS = """
    import logging
    import pytest
    STATE = []

    @pytest.fixture(scope="module")
    def lane():
        yield
        open("torn down", "a").write("!")

    def test_first(lane): STATE.append(1)
    def test_dependent(lane):
        logging.getLogger("project").warning("in the test")
        assert not STATE
"""


def test_hooks_that_get_reports_get_none_of_a_second_attempt(pytester: pytest.Pytester, agents: Agents) -> None:
    """Nor does a log that is open, whether it is the project's or pytest's."""
    pytester.makeconftest("""
        import logging, warnings
        logging.getLogger("project").addHandler(logging.FileHandler("own.log", mode="w"))

        def note(what): print(what, file=open("heard", "a"))
        def pytest_runtest_logstart(nodeid): note(f"start {nodeid}")
        def pytest_runtest_logreport(report): note(f"{report.nodeid} {report.when} {report.outcome}")
        def pytest_runtest_logfinish(nodeid): note(f"finish {nodeid}")
        def pytest_warning_recorded(warning_message): note(warning_message)
        def pytest_sessionfinish(): note("finished")
        def pytest_unconfigure(): note("unconfigured")
    """)
    pytester.makepyfile(DEPENDS)
    whatever = ("-n1", "--log-file=pytest.log")

    def written() -> list[list[str]]:
        files = [pytester.path / name for name in ("heard", "own.log", "pytest.log")]
        lines = [sorted(file.read_text("utf-8").splitlines()) for file in files]
        files[0].unlink()
        return lines

    plain = agents(*whatever, "--agents-recheck=off")
    before = written()
    run = agents(*whatever)

    assert "alone" not in plain.check("test_dependent")
    assert run.check("test_dependent")["alone"] == "passed"
    assert written() == before


@pytest.mark.parametrize("wrapper", ["wrapper", "hookwrapper"])
def test_hooks_that_make_a_report_do_not_write_about_a_second_attempt(
    pytester: pytest.Pytester, agents: Agents, wrapper: str
) -> None:
    pytester.makeconftest(f"""
        import pytest

        @pytest.hookimpl({wrapper}=True)
        def pytest_runtest_makereport(item, call):
            result = yield
            if call.when == "call":
                try:
                    print(item.name, call.excinfo is None, file=open("made", "a"))
                except Exception:
                    pass
            {"return result" if wrapper == "wrapper" else ""}
    """)
    pytester.makepyfile(DEPENDS)

    run = agents("-n1", "--agents-root-cause=off")

    assert run.outcomes == {"test_first": "passed", "test_dependent": "failed"}
    assert run.check("test_dependent")["alone"] is None
    assert (pytester.path / "made").read_text("utf-8").splitlines() == ["test_first True", "test_dependent False"]
    assert (pytester.path / "torn down").read_text("utf-8") == "!!"
