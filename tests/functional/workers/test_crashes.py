"""Workers that die: the check that ran is reported, and everything else runs on."""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

from tests.functional.runs import run_agents
from tests.functional.workers.conftest import Agents

ENDS = [
    pytest.param("os._exit(7)", "exited with code 7", id="exit"),
    pytest.param("ctypes.string_at(0)", "was ended by SIGSEGV", id="segv"),
    pytest.param("os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL", id="kill", marks=pytest.mark.slow),
    pytest.param("os.abort()", "was ended by SIGABRT", id="abort", marks=pytest.mark.slow),
]
PHASES = ("setup", "call", "teardown")
SUITE = """
    import ctypes, os, signal
    import pytest

    def die(phase, wanted):
        if phase == wanted:
            {end}

    @pytest.fixture
    def fixture(request):
        die("setup", request.param)
        yield request.param
        die("teardown", request.param)

    def test_before(): pass

    @pytest.mark.parametrize("fixture", {phases}, indirect=True)
    def test_dies(fixture):
        die("call", fixture)

    @pytest.mark.parametrize("number", range(10))
    def test_after(number): pass
"""


@pytest.mark.parametrize(("end", "exit_status"), ENDS)
def test_a_worker_that_dies_is_replaced(pytester: pytest.Pytester, agents: Agents, end: str, exit_status: str) -> None:
    pytester.makepyfile(SUITE.format(end=end, phases=PHASES))

    run = agents()

    assert run.exit_code == 1
    assert Counter(run.outcomes.values()) == {"crashed": 3, "passed": 11}
    for phase in PHASES:
        nodeid = f"test_a_worker_that_dies_is_replaced.py::test_dies[{phase}]"
        message = run.check(f"test_dies[{phase}]")["message"]
        assert message.endswith(f"{exit_status} while it ran {nodeid}")


def test_the_place_of_a_crash_is_reported(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import ctypes
        def dereference_null(): ctypes.string_at(0)
        def test_it(): dereference_null()
    """)

    run = agents()

    assert "Fatal Python error: Segmentation fault" in run.stdout
    assert "in dereference_null" in run.stdout
    assert "_multicall" not in run.stdout


@pytest.mark.slow
def test_a_lane_goes_on_with_its_fixtures_built_again(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os
        import pytest

        @pytest.fixture(scope="module")
        def server(): return os.getpid()

        def test_first(server): assert server == os.getpid()
        def test_crash(server): os._exit(1)
        def test_second(server): assert server == os.getpid()
        def test_third(server): assert server == os.getpid()
    """)

    run = agents()

    assert run.outcomes == {
        "test_first": "passed",
        "test_crash": "crashed",
        "test_second": "passed",
        "test_third": "passed",
    }
    assert len(run.workers("test_second", "test_third") - run.workers("test_first")) == 1


def test_every_check_ends_however_many_crash(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os
        import pytest

        @pytest.mark.parametrize("number", range(30))
        def test_it(number):
            if number % 10 == 3: os._exit(number)
            assert number % 10 != 4
    """)

    run = agents()

    assert Counter(run.outcomes.values()) == {"crashed": 3, "failed": 3, "passed": 24}


@pytest.mark.slow
def test_too_many_crashes_end_the_run(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os
        import pytest

        @pytest.mark.parametrize("number", range(20))
        def test_it(number): os._exit(number)
    """)

    run = agents("--max-worker-restart=3")

    assert run.exit_code == 2
    assert "too many workers were lost, the last one, gw" in run.stdout
    outcomes = Counter(run.outcomes.values())
    assert 4 <= outcomes["crashed"] <= 6
    assert outcomes["crashed"] + outcomes["cancelled"] == 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_check_that_forks_reports_once(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os
        def test_it():
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
    """)

    assert agents().outcomes == {"test_it": "passed"}


@pytest.mark.slow
def test_workers_go_on_coming_when_the_process_that_forks_them_is_lost(
    pytester: pytest.Pytester, agents: Agents, transport: str
) -> None:
    if transport != "fork":
        pytest.skip("nothing forks these workers")
    pytester.makepyfile("""
        import os, signal
        import pytest

        def test_a(): os.kill(os.getppid(), signal.SIGKILL)
        def test_b(): os.kill(os.getpid(), signal.SIGKILL)
        def test_c(): os.kill(os.getpid(), signal.SIGKILL)

        @pytest.mark.parametrize("number", range(20))
        def test_more(number): pass
    """)

    run = agents("--max-worker-restart=10")

    assert run.exit_code == 1
    crashed = {name for name, outcome in run.outcomes.items() if outcome == "crashed"}
    assert {"test_b", "test_c"} <= crashed <= {"test_a", "test_b", "test_c"}
    assert sum(outcome == "passed" for name, outcome in run.outcomes.items() if "more" in name) == 20


BREAKS_OFF = """
    import gc, time
    import pytest
    from execnet import gateway_base

    def found(kind):
        return [thing for thing in gc.get_objects() if isinstance(thing, kind)]

    def test_breaks():
        {breaks}
        time.sleep({then})

    @pytest.mark.parametrize("number", range(10))
    def test_other(number): pass
"""
HALF_A_MESSAGE = "for way in found(gateway_base.WorkerGateway): way._io.write(bytes(4)); way._io.close_write()"
NONSENSE = "for way in found(gateway_base.Channel): way.send(b'nonsense')"
OF_ANOTHER_TYPE = "for way in found(gateway_base.Channel): way.send(['a', 'list'])"


@pytest.mark.parametrize(
    ("breaks", "then", "outcome", "message"),
    [
        pytest.param(HALF_A_MESSAGE, 0, "passed", "", id="closed after the end"),
        pytest.param(
            *(HALF_A_MESSAGE, 600, "crashed", "ended without reporting why while it ran"),
            id="closed",
            marks=pytest.mark.slow,
        ),
        pytest.param(NONSENSE, 600, "crashed", "sent what is no message (", id="nonsense"),
        pytest.param(OF_ANOTHER_TYPE, 600, "crashed", "sent what is no message (", id="another type"),
    ],
)
def test_a_worker_that_sends_nothing_or_nonsense_is_replaced(  # noqa: PLR0917
    pytester: pytest.Pytester, agents: Agents, breaks: str, then: int, outcome: str, message: str
) -> None:
    pytester.makepyfile(BREAKS_OFF.format(breaks=breaks, then=then))

    run = agents()

    assert run.outcomes == {"test_breaks": outcome} | {f"test_other[{number}]": "passed" for number in range(10)}
    assert message in run.check("test_breaks")["message"]


@pytest.mark.slow
def test_a_worker_that_was_stopped_is_replaced(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os, signal

        def test_stops(): os.kill(os.getpid(), signal.SIGSTOP)
        def test_other(): pass
    """)

    run = agents()

    assert run.outcomes == {"test_stops": "crashed", "test_other": "passed"}
    assert "was stopped and did not go on while it ran" in run.check("test_stops")["message"]


EXHAUSTED = [
    pytest.param("faulthandler._stack_overflow()", id="stack"),
    pytest.param(
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31)); kept = [bytearray(1 << 24) for _ in range(1000)]",
        id="memory",
    ),
]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no such limit")
@pytest.mark.parametrize("end", EXHAUSTED)
def test_a_check_that_exhausts_the_stack_or_memory_ends_alone(
    pytester: pytest.Pytester, agents: Agents, end: str
) -> None:
    pytester.makepyfile(f"""
        import faulthandler, resource
        import pytest

        def test_exhausts(): {end}

        @pytest.mark.parametrize("number", range(10))
        def test_other(number): pass
    """)

    run = agents()

    assert run.exit_code == 1
    assert run.check("test_exhausts")["outcome"] in {"crashed", "failed"}
    assert Counter(run.outcomes.values())["passed"] == 10
    assert "test_exhausts" in run.stdout


def test_it_is_reported_when_no_worker_can_be_started(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")

    run = run_agents(pytester, "-pno:cacheprovider", f"--tx=popen//python={shutil.which('false')}")

    assert run.exit_code == 2
    assert run.outcomes == {"test_it": "cancelled"}
    assert "no worker could be started: an interpreter for worker gw" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_broken_pipes_may_end_tests_but_not_the_run(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)")
    pytester.makepyfile("""
        import os, signal, pytest

        @pytest.mark.parametrize("n", range(30))
        def test_it(n):
            assert signal.getsignal(signal.SIGPIPE) == signal.SIG_DFL
            if n % 7 == 3:
                os._exit(3)
    """)
    run = agents("-n2", "--max-worker-restart=100")
    assert list(run.outcomes.values()).count("passed") == 26
    assert list(run.outcomes.values()).count("crashed") == 4
    assert run.exit_code == 1
