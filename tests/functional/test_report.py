"""The JSON report adds up, whatever happened; each run validates it against the schema that ships with the package."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.functional.runs import REPORT, AgentsRun, configure, run_agents, run_pytest


@pytest.fixture
def eventful(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project in which a check ends in every way but the slow and the violent ones."""
    configure(
        pytester,
        '[.resources]\ndb = 1\n[.agents.fine]\ncommand = "true"\nearly = false\n[.agents.gone]\ncommand = "no-such"\n',
    )
    pytester.makepyfile(
        shop="def total(prices):\n    return sum(prices) + 1\n",
        test_it="""
        import pytest, shop, time
        agent = pytest.mark.agent

        @agent("test", writes=["db"], group="sums")
        def test_total():
            time.sleep(0.05)
            raise AssertionError(shop.total("x"))
        @agent("test", writes=["db"])
        def test_second(): time.sleep(0.05)
        @agent("review")
        def test_review(findings):
            findings.add("off by one", path="shop.py", line=2, rule="sums")
        @agent("profile")
        def test_profile(profile):
            with profile() as run: shop.total([1, 2])
        @pytest.mark.xfail
        def test_xfailed(): assert 0
        @pytest.mark.xfail
        def test_xpassed(): pass
        @pytest.mark.xfail(strict=True)
        def test_strictly_xpassed(): pass
        def test_skipped(): pytest.skip("why")
        def test_setup(no_such_fixture): pass
        @pytest.fixture
        def messy():
            yield
            raise OSError("left over")
        def test_teardown(messy): pass
        def test_failing_twice(messy): assert 0
        @pytest.mark.parametrize("n", range(4))
        def test_slow(n): time.sleep(0.05)
        """,
    )
    return pytester


OUTCOMES = {
    "fine": "passed",
    "gone": "error",
    "test_total": "failed",
    "test_second": "passed",
    "test_review": "failed",
    "test_profile": "passed",
    "test_xfailed": "xfailed",
    "test_xpassed": "xpassed",
    "test_strictly_xpassed": "failed",
    "test_skipped": "skipped",
    "test_setup": "error",
    "test_teardown": "error",
    "test_failing_twice": "failed",
    **{f"test_slow[{number}]": "passed" for number in range(4)},
}


@pytest.mark.slow
@pytest.mark.parametrize("args", [["-n2"], ["-n2", "--tx=popen"], ["-n0"]], ids=" ".join)
def test_every_check_has_one_outcome_and_the_times_add_up(eventful: pytest.Pytester, args: list[str]) -> None:
    run = run_agents(eventful, *args)
    assert run.outcomes == OUTCOMES
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    arithmetic(run)


def arithmetic(run: AgentsRun) -> None:
    checks = run.report["checks"]
    timing, facts = run.report["timing"], run.report["run"]
    attempts = [attempt for check in checks for attempt in check["attempts"]]
    starts, stops = ([attempt[end] for attempt in attempts] for end in ("start", "stop"))
    assert timing["sequential"] == pytest.approx(sum(stops) - sum(starts))
    assert timing["makespan"] == pytest.approx(max(stops) - min(starts))
    assert timing["speedup"] == pytest.approx(timing["sequential"] / timing["makespan"])
    assert timing["efficiency"] == pytest.approx(timing["lower_bound"] / timing["makespan"])
    assert 0 < timing["lower_bound"] <= timing["makespan"] <= facts["seconds"]
    assert 0 <= timing["start_skew"] < timing["makespan"]
    assert all(check["duration"] == pytest.approx(check["stop"] - check["start"]) for check in checks)
    assert all(0 < start <= stop <= facts["seconds"] for start, stop in zip(starts, stops, strict=True))
    assert set(timing["critical_path"]) <= set(run.nodeids)


def test_the_run(eventful: pytest.Pytester) -> None:
    facts = run_agents(eventful).report["run"]
    assert (facts["workers"], facts["cpus"], facts["exit_code"], facts["shard"]) == (2, 2, 1, None)
    assert facts["root"] == eventful.path.as_posix()
    assert facts["started"].endswith("Z")


def test_conflicts_findings_measurements_groups_and_causes(eventful: pytest.Pytester) -> None:
    run = run_agents(eventful)
    (conflict,) = run.conflicts
    assert (conflict["left"], conflict["right"]) == ("test_it.py::test_total", "test_it.py::test_second")
    assert (conflict["resource"], conflict["source"], conflict["verdict"]) == ("db", "resource", "declared")
    assert (conflict["reason"], conflict["action"]) == ("both write 'db'", "serialized")
    assert run.report["independence"]["verified"]

    (finding,) = run.check("test_review")["findings"]
    assert finding.pop("fingerprint")
    assert finding == {
        "rule": "sums",
        "level": "error",
        "message": "off by one",
        "path": "shop.py",
        "line": 2,
        "end_line": None,
        "votes": None,
        "check": "test_it.py::test_review",
    }
    (measurement,) = run.check("test_profile")["measurements"]
    assert [(spot["path"], spot["function"]) for spot in measurement["hot_spots"]] == [("shop.py", "total")]

    (group,) = run.report["groups"]
    assert (group["name"], group["passed"], group["members"]) == ("sums", False, ["test_it.py::test_total"])

    cause = run.report["causes"][0]
    assert (cause["path"], cause["function"], cause["line"], cause["rank_group"]) == ("shop.py", "total", 1, 1)
    assert {"review", "test"} <= set(cause["kinds"])
    assert {"test_it.py::test_total", "test_it.py::test_review"} <= {clue["check"] for clue in cause["evidence"]}
    assert run.report["evidence"]["frames"]["test_it.py::test_total"][-1] == ["shop.py", 2]


@pytest.mark.slow
def test_messages_give_the_reason(eventful: pytest.Pytester) -> None:
    run = run_agents(eventful)
    messages = {name: run.check(name)["message"] for name in OUTCOMES}
    assert "Skipped: why" in messages["test_skipped"]
    assert "fixture 'no_such_fixture' not found" in messages["test_setup"]
    assert "left over" in messages["test_teardown"]
    assert "1 finding" in messages["test_review"]
    assert messages["test_second"] == ""


WRONG = """
    import os, sys, time
    import pytest
    agent = pytest.mark.agent

    @pytest.fixture(autouse=True)
    def speaking(): print("with the key", os.environ["SHOP_KEY"])

    def test_fine(): pass
    def test_failed():
        wrong = os.environ["SHOP_KEY"]
        assert wrong == "right"
    @pytest.fixture
    def broken(): raise OSError("no set-up")
    def test_error(broken): pass
    @agent("test", timeout=0.5)
    def test_timed_out():
        print("waiting", flush=True)
        time.sleep(600)
    @agent("test")
    def test_crashed():
        print("falling", flush=True)
        os._exit(7)
"""


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["fork", "popen"])
def test_what_is_needed_to_mend_a_check(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    monkeypatch.setenv("SHOP_KEY", "open-sesame")
    bad = json.dumps(["sh", "-c", "echo no; false"])
    configure(pytester, f'[.agents.gone]\ncommand = "no-such"\n[.agents.bad]\ncommand = {bad}\n')
    pytester.makepyfile(WRONG)

    run = run_agents(pytester, f"--tx={transport}")

    assert run.outcomes["test_fine"] == "passed"
    assert "failure" not in run.check("test_fine")
    failures = {check["name"]: check["failure"] for check in run.report["checks"] if check["name"] != "test_fine"}
    texts = {name: failure["text"] for name, failure in failures.items()}
    captured = {name: {each["name"]: each["text"] for each in told["sections"]} for name, told in failures.items()}
    assert ">       assert wrong == \"right\"\nE       AssertionError: assert '***' == 'right'" in texts["test_failed"]
    assert captured["test_failed"] == {"Captured stdout setup": "with the key ***\n"}
    assert "OSError: no set-up" in texts["test_error"]
    assert texts["test_timed_out"].startswith("ran into its time limit of 0.5 s")
    assert "in test_timed_out" in texts["test_timed_out"]
    assert captured["test_timed_out"] == {"Captured stdout": "waiting\n"}
    assert "exited with code 7 while it ran" in texts["test_crashed"]
    assert captured["test_crashed"] == {"Captured stdout": "falling\n"}
    assert texts["gone"].startswith("no-such is not installed")
    assert texts["bad"] == "1 finding\nerror bad: exit code 1: no"
    assert captured["bad"] == {"Captured stdout setup": "no\n"}
    assert "open-sesame" not in (pytester.path / REPORT).read_text("utf-8")


@pytest.mark.slow
def test_fingerprints_stay_when_lines_move(eventful: pytest.Pytester) -> None:
    before = fingerprint(run_agents(eventful, "-k", "review"))
    shop = eventful.path / "shop.py"
    shop.write_text("# a new line\n" + shop.read_text("utf-8"), "utf-8")
    checks = eventful.path / "test_it.py"
    checks.write_text(checks.read_text("utf-8").replace("line=2", "line=3"), "utf-8")
    assert fingerprint(run_agents(eventful, "-k", "review")) == before


def fingerprint(run: AgentsRun) -> Any:
    return run.check("test_review")["findings"][0]["fingerprint"]


def test_a_folder_is_made_for_the_report_and_several_may_be_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    result = run_pytest(pytester, "--agents", "--agents-report=new/a.json", "--agents-report=b.json")
    assert result.ret == 0
    first, second = ((pytester.path / name).read_text("utf-8") for name in ("new/a.json", "b.json"))
    assert json.loads(first) == json.loads(second)


def test_a_run_whose_report_cannot_be_written_has_failed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.path.joinpath("taken").touch()
    result = run_pytest(pytester, "--agents", "--agents-report=taken/r.json", "--agents-report=other.json")
    assert result.ret == 1
    assert json.loads((pytester.path / "other.json").read_text("utf-8"))["run"]["exit_code"] == 1
    result.stdout.fnmatch_lines(["ERROR: cannot write the report *taken/r.json*"])
    result.assert_outcomes(passed=1)


def test_a_report_from_a_folder_below_the_root(pytester: pytest.Pytester) -> None:
    configure(pytester, "")
    pytester.makepyfile(**{"sub/test_it": "def test_it(): pass"})
    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(pytester.path / "sub")
        result = run_pytest(pytester, "--agents", "--agents-report=r.json", "--rootdir=..")
    assert result.ret == 0
    report = json.loads((pytester.path / "sub" / "r.json").read_text("utf-8"))
    assert [check["nodeid"] for check in report["checks"]] == ["sub/test_it.py::test_it"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_a_report_that_does_not_fit_on_the_disk_is_an_error_and_the_run_counts(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import resource
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtestloop(session):
            result = yield
            if not hasattr(session.config, "workerinput"):
                resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, resource.RLIM_INFINITY))
            return result
    """)
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("number", range(300))
        def test_it(number): assert number
    """)
    pytester.path.joinpath("report.json").write_text("of an earlier run")

    result = run_pytest(pytester, "--agents", "-pno:cacheprovider", "--agents-report=report.json")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["ERROR: cannot write the report *report.json: File too large*"])
    result.assert_outcomes(passed=299, failed=1)
    assert "Traceback" not in str(result.stdout) + str(result.stderr)
    left = {path.name for path in pytester.path.iterdir() if path.suffix != ".py" and path.is_file()}
    assert left <= {"report.json", "stdout", "stderr"}
    assert pytester.path.joinpath("report.json").read_text() == "of an earlier run"


@pytest.mark.parametrize("transport", ["fork", pytest.param("popen", marks=pytest.mark.slow)])
def test_a_cache_folder_that_cannot_be_written_is_reported_and_the_run_counts(
    pytester: pytest.Pytester, transport: str
) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.path.joinpath("taken").touch()

    run = run_agents(pytester, f"--tx={transport}", "-o", "cache_dir=taken/cache")

    assert run.exit_code == 0
    assert run.outcomes == {"test_it": "passed"}
    assert "could not create cache path" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
