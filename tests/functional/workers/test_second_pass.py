"""When tests have failed, the lines that they and some passing ones execute are recorded in a second pass."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tests.functional.runs import AgentsRun, run_agents

CONFTEST = """
    import msgspec

    def pytest_runtest_logreport(report):
        if report.failed:  # a busy machine measures as much as any other
            from pytest_parallel_agents.controller.afterwards import allowance
            allowance.LEAST_SECONDS = 60.0

    def pytest_sessionfinish(session):
        if not hasattr(session.config, "workerinput"):
            run = session.config.pluginmanager.getplugin("parallel-agents-session")._run
            with open("measured.json", "wb") as file:
                file.write(msgspec.json.encode(run.measured))
"""
UNHURRIED = """
    from pytest_parallel_agents.controller.afterwards import allowance, second_pass
    allowance.LEAST_SECONDS = second_pass.CHECK_SECONDS = 60.0  # on a busy machine tests are not run again in a second
"""
TELLS = """
    from pytest_parallel_agents.controller.afterwards.measuring import Measuring
    finished = Measuring._finished

    def tell(*args):
        finished(*args)
        open("known", "w").close()  # it is known what a test has executed

    Measuring._finished = tell
"""
PRICES = """\
class Price:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"Price({self.value})"

    def __eq__(self, other):
        return self.value == other.value


def discount(price, rate):
    if rate > 0.5:
        return Price(price.value * rate)
    return Price(price.value * (1 - rate))


def spin(end):
    at = 0
    while at != end:
        at += 2
    return at


def table():
    return [1, 2]


def undo():
    return None
"""
TESTS = """
    import os, sys, time, unittest
    import pytest
    from prices import Price, discount, spin, table, undo

    COUNT = []

    @pytest.fixture(scope="module")
    def wide():
        yield table()
        undo()

    @pytest.fixture
    def broken():
        return discount(Price("a"), 0.1)

    @pytest.fixture
    def narrow():
        yield
        undo()

    def test_first(wide, narrow):
        assert wide
    def test_shows_itself(wide, narrow):
        assert discount(Price(100), 0.6) == Price(40)
    def test_passes(wide):
        assert discount(Price(100), 0) == Price(100)
    def test_errs(broken):
        pass
    class TestUnit(unittest.TestCase):
        def test_unit(self):
            self.assertEqual(discount(Price(100), 0.9), Price(10))
        def tearDown(self):
            undo()
    @pytest.mark.agent("test", timeout=1)
    def test_hangs():
        assert spin(5) == 5
    def test_spins():
        assert spin(6) == 6
    def test_differs():
        if os.path.exists("ran"):
            raise ValueError("not the first time")
        open("ran", "w").close()
        assert 0
    def test_ends_the_process_the_second_time():
        if os.path.exists("there"):
            os._exit(3)
        open("there", "w").close()
        assert 0
"""
ELSEWHERE = """
    import prices

    def test_elsewhere():
        assert prices.discount(prices.Price(1), 0).value == 1
"""
UNRELATED = """
    import pytest

    def test_unrelated(): pass
    @pytest.mark.skip
    def test_skipped(): pass
    def test_profile(profile):
        with profile(): pass
"""


def measured_by(pytester: pytest.Pytester, *args: str, plugin: str = UNHURRIED) -> tuple[AgentsRun, Mapping[str, Any]]:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(unhurried=plugin)
    (pytester.path / "prices.py").write_text(PRICES, "utf-8")
    run = run_agents(pytester, "-pno:cacheprovider", *args, "-punhurried")
    return run, json.loads((pytester.path / "measured.json").read_text("utf-8"))


def lines_of(measured: Mapping[str, Any], name: str) -> list[int] | None:
    """The lines of `prices.py` that the test of this name has executed; None if it has no spectrum."""
    found = [spectrum for nodeid, spectrum in measured["spectra"].items() if nodeid.endswith(f"::{name}")]
    return list(found[0].get("prices.py", [])) if found else None


@pytest.mark.slow
def test_what_failed_and_what_tells_about_it_is_measured(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_prices=TESTS, test_elsewhere=ELSEWHERE, test_unrelated=UNRELATED)
    run, measured = measured_by(pytester, "--agents-recheck=off", "--agents-timeout=60")
    lines = {name: lines_of(measured, name) for name in run.outcomes}
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert measured["missing"] == ""
    assert lines["test_first"] == [26], "the lines of a wide fixture count, its end and that of others do not"
    assert lines["test_shows_itself"] == [3, 9, 13, 14, 26], "nothing that only describes the failure counts"
    assert lines["test_passes"] == [3, 9, 13, 15, 26]
    assert lines["test_errs"] == [3, 13, 15]
    assert lines["test_unit"] == [3, 9, 13, 14]
    assert lines["test_hangs"] == [19, 20, 21]
    assert lines["test_spins"] == [19, 20, 21, 22]
    assert lines["test_elsewhere"] == [3, 13, 15]
    assert lines["test_unrelated"] == []
    assert lines["test_differs"] is lines["test_skipped"] is lines["test_profile"] is None
    assert lines["test_ends_the_process_the_second_time"] is None
    reasons = {nodeid.rpartition("::")[2]: why for nodeid, why in measured["unmeasured"].items()}
    assert reasons == {
        "test_differs": "it failed by ValueError while its lines were recorded, not by an assertion",
        "test_ends_the_process_the_second_time": "its process ended while its lines were recorded",
    }
    assert measured["imports"]["test_prices.py"] == ["prices.py"]


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["--agents-root-cause=off"], "--agents-root-cause=off"),
        (["--setup-show"], "this process and its terminal"),
    ],
)
def test_where_nothing_is_measured_it_is_known_why(pytester: pytest.Pytester, args: list[str], why: str) -> None:
    pytester.makepyfile("def test_fails(): assert 0")
    _, measured = measured_by(pytester, *args)
    assert measured["spectra"] == {}
    assert why in measured["missing"]


@pytest.mark.slow
def test_fresh_interpreters_collect_once_and_measure_all(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        counted="""
            import os
            with open(f"{os.getpid()}.collected", "x"): pass
        """,
        test_prices="""
            import logging, os
            import pytest
            import counted
            from prices import Price, discount, spin, undo

            @pytest.fixture(scope="session", autouse=True)
            def ended():
                yield
                open(f"{os.getpid()}.ended", "x").close()

            @pytest.mark.parametrize("process", [os.getpid()])
            def test_is_another_everywhere(process): assert 0
            def test_passes():
                logging.warning("logged")
                assert discount(Price(1), 0).value == 1
            def test_fails(): assert discount(Price(100), 0.6) == Price(40)
            @pytest.mark.agent("test", timeout=1)
            def test_hangs(): spin(5)
        """,
        test_elsewhere=ELSEWHERE,
    )
    run, measured = measured_by(pytester, "--tx=popen", "-n1", "--log-file=log.txt")
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert measured["missing"] == ""
    (why,) = measured["unmeasured"].values()
    assert "test_is_another_everywhere" in why
    assert "could not be collected by this worker" in why
    assert lines_of(measured, "test_passes") == [3, 13, 15]
    assert lines_of(measured, "test_fails") == [3, 9, 13, 14]
    assert lines_of(measured, "test_hangs") == [19, 20, 21]
    assert lines_of(measured, "test_elsewhere") == [3, 13, 15]
    assert measured["seconds"] > 0
    assert "logged" in (pytester.path / "log.txt").read_text("utf-8")
    collected, ended = (len(list(pytester.path.glob(f"*.{event}"))) for event in ("collected", "ended"))
    assert collected == 4, "the controller, a worker, one that measures, and its successor after what hangs"
    assert ended == 2


HANGS = """
    import threading, time
    import pytest
    from stuck import collatz, wait

    @pytest.mark.agent("test", timeout=1)
    def test_loops(): collatz(7)
    @pytest.mark.agent("test", timeout=1)
    def test_waits(): wait(threading.Event())
    @pytest.mark.agent("test", timeout=1)
    def test_sleeps_itself(): time.sleep(60)
    @pytest.mark.agent("test", timeout=20)
    def test_passes(): pass
"""
STUCK = """\
def collatz(n):
    while n > 0:
        n = step(n)

def step(n):
    half = sum(range(n % 7 + 50)) and n // 2
    return half if n % 2 == 0 else 3 * n + 1

def wait(event):
    return event.wait()
"""


def test_always_records_in_the_run_itself(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makepyfile("""
        from prices import Price, discount

        def test_passes(): assert discount(Price(1), 0).value == 1
        def test_fails(): assert discount(Price(100), 0.6) == Price(40)
        def test_does_not_run_again(): open("ran", "x").close(); assert 0
    """)
    run, measured = measured_by(pytester, f"--tx={transport}", "--agents-root-cause=always", "--agents-recheck=off")
    assert lines_of(measured, "test_passes") == [3, 13, 15]
    assert lines_of(measured, "test_fails") == [3, 9, 13, 14]
    assert lines_of(measured, "test_does_not_run_again") == []
    assert "FileExistsError" not in run.stdout
    assert measured["unmeasured"] == {}


@pytest.mark.slow
@pytest.mark.parametrize("root_cause", ["auto", "always"])
def test_tests_of_this_process_are_measured_in_another_one(pytester: pytest.Pytester, root_cause: str) -> None:
    pytester.makepyfile("""
        import functools
        from prices import Price, discount

        @functools.cache
        def cheap(): return discount(Price(100), 0.6)

        def test_passes(): assert cheap()
        def test_fails(): assert cheap() == Price(40)
    """)
    run, measured = measured_by(pytester, "-n0", f"--agents-root-cause={root_cause}")
    assert run.workers("test_fails") == {"controller"}
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert lines_of(measured, "test_passes") == ([3, 13, 14] if root_cause == "always" else [])
    assert lines_of(measured, "test_fails") == ([3, 9] if root_cause == "always" else [3, 9, 13, 14])


@pytest.mark.slow
def test_threads_that_tests_leave_behind_do_not_matter(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import threading
        from prices import Price, discount

        def test_leaves():
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        def test_fails(): assert discount(Price(100), 0.6) == Price(40)
    """)
    pytester.makepyfile(busy="from pytest_parallel_agents.session import planning\nplanning.WORKERS_COST_SECONDS = 60")
    measured_by(pytester, "-pcacheprovider")
    run, measured = measured_by(pytester, "-pcacheprovider", "-pbusy")
    assert run.workers("test_fails") == {"controller"}
    assert lines_of(measured, "test_fails") == [3, 9, 13, 14]


SLOW = [pytest.param(args, marks=pytest.mark.slow) for args in (("-x",), ("--agents-root-cause=always",))]


@pytest.mark.parametrize("args", [(), *SLOW])
def test_tests_too_short_for_workers_are_measured_too(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    pytester.makepyfile("""
        from prices import Price, discount

        def test_passes(): assert discount(Price(1), 0).value == 1
        def test_fails(): assert discount(Price(100), 0.6) == Price(40)
        def test_last(): assert discount(Price(1), 0).value == 1
    """)
    pytester.makepyfile(busy="from pytest_parallel_agents.session import planning\nplanning.WORKERS_COST_SECONDS = 60")
    measured_by(pytester, "-pcacheprovider")
    run, measured = measured_by(pytester, "-pcacheprovider", "-pbusy", *args)
    assert run.workers("test_passes") == {"controller"}
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert lines_of(measured, "test_passes") == [3, 13, 15]
    assert lines_of(measured, "test_fails") == [3, 9, 13, 14]
    assert (lines_of(measured, "test_last") is None) == ("-x" in args)


def test_ctrl_c_ends_the_pass_and_not_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import os, signal, threading, time
        from prices import Price, discount

        CONTROLLER = os.getpid()  # which collects

        def test_fails(): assert discount(Price(100), 0.6) == Price(40)
        def test_interrupts():
            if os.path.exists("ran"):
                while not os.path.exists("known"): time.sleep(0.01)
                os.kill(CONTROLLER, signal.SIGINT)
                threading.Event().wait()
            open("ran", "w").close()
            assert 0
    """)
    run, measured = measured_by(pytester, "--agents-recheck=off", plugin=UNHURRIED + TELLS)
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert "agents: no further test is measured; causes are ranked with what is known" in run.stdout
    assert lines_of(measured, "test_fails") == [3, 9, 13, 14]
    assert measured["missing"] == ""
    assert [why for nodeid, why in measured["unmeasured"].items() if "interrupts" in nodeid] == [
        "there was no time left"
    ]


@pytest.mark.slow
def test_samples_tell_where_a_check_hung(pytester: pytest.Pytester, transport: str) -> None:
    (pytester.path / "stuck.py").write_text(STUCK, "utf-8")
    pytester.makepyfile(test_stuck=HANGS)
    _, measured = measured_by(pytester, f"--tx={transport}", "-n4")
    samples = {nodeid.rpartition("::")[2]: found for nodeid, found in measured["samples"].items()}
    assert samples.keys() == {"test_loops", "test_waits", "test_sleeps_itself"}
    assert max(samples["test_loops"]["stuck.py"].items(), key=lambda each: int(each[1]))[0] == "3"
    assert sum(samples["test_loops"]["stuck.py"].values()) > 5, "many samples, also of a process that hardly runs"
    assert list(samples["test_waits"]["stuck.py"]) == ["10"]
    assert list(samples["test_sleeps_itself"]["test_stuck.py"]) == ["10"]


def test_a_crash_points_at_the_frame_that_crashed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(broken="import faulthandler\ndef fall():\n    faulthandler._sigsegv()\n")
    pytester.makepyfile("import broken\ndef test_falls(): broken.fall()")
    run, _ = measured_by(pytester)
    cause = run.report["causes"][0]
    assert (cause["path"], cause["function"]) == ("broken.py", "fall")


def test_a_green_run_does_not_pay(pytester: pytest.Pytester) -> None:
    """Not even an import."""
    pytester.makepyfile(
        """
        import sys
        import pytest

        @pytest.fixture(autouse=True)
        def loaded():
            yield
            parts = ("line_coverage", "line_recorder", "second_pass")
            found = [name for name in sys.modules if any(part in name for part in parts)]
            assert not found and sys.gettrace() is None

        def test_passes(): pass
        def test_passes_too(): pass
        """
    )
    run, measured = measured_by(pytester, plugin="")
    assert run.exit_code == pytest.ExitCode.OK
    assert measured == {"spectra": {}, "samples": {}, "imports": {}, "missing": "", "unmeasured": {}, "seconds": 0.0}


@pytest.mark.slow
def test_beside_the_users_own_coverage(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makepyfile(
        """
        from prices import discount, Price

        def test_fails(): assert discount(Price(10), 1).value == 0
        """
    )
    run, measured = measured_by(pytester, f"--tx={transport}", "--cov=prices", "--cov-report=term-missing")
    assert lines_of(measured, "test_fails") == [3, 13, 14]
    assert any(line.split()[:4] == ["prices.py", "20", "8", "60%"] for line in run.stdout.splitlines()), run.stdout


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="a tool more finds room there")
def test_beside_another_tool_that_traces(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def theirs(*arguments):
            return None
        sys.settrace(theirs)

        def test_fails(): assert 0
        """
    )
    _, measured = measured_by(pytester)
    (why,) = measured["unmeasured"].values()
    assert "another tool traces the process" in why
