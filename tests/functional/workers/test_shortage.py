"""No room on the disk, no descriptors, a process that was stopped or detached: the run reports it, or goes on
at once.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

import pytest

from tests.functional.runs import configure, run_agents
from tests.functional.workers.conftest import Agents
from tests.processes import wait_until_gone

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such limits and signals")

SUITE = """
    import os, signal
    import pytest

    @pytest.mark.parametrize("number", range(10))
    def test_it(number): pass
"""
LIMITED = """
    import os, resource

    def pytest_collection_finish(session):
        if not hasattr(session.config, "workerinput"):
            _, most = resource.getrlimit(resource.{limit})
            resource.setrlimit(resource.{limit}, ({value}, most))
"""


def test_a_full_disk_ends_the_run_with_its_reason(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(LIMITED.format(limit="RLIMIT_FSIZE", value=1 << 16))
    pytester.makepyfile(SUITE)

    run = agents()

    assert run.exit_code == 2
    assert set(run.outcomes.values()) == {"cancelled"}
    (line,) = [line for line in run.stdout.splitlines() if "no worker could be started" in line]
    assert "5 in a row did not come up, the last one, gw" in line
    assert "broke off: OSError: [Errno 27] File too large: " in line
    assert ".journal'" in line


FULL_AFTERWARDS = """
    import os, pathlib, resource

    def fill_disk():
        if pathlib.Path("ran").exists():
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, most))

    os.register_at_fork(after_in_child=fill_disk)
"""


@pytest.mark.slow
def test_a_full_disk_leaves_causes_unknown(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(FULL_AFTERWARDS)
    pytester.makepyfile("def test_fails(): assert not open('ran', 'x').close() and 0")

    run = run_agents(pytester, "-pno:cacheprovider", "--tx=fork")

    assert run.exit_code == 1
    assert run.outcomes == {"test_fails": "failed"}
    assert "its worker broke off: OSError: [Errno 27] File too large: " in " ".join(run.stdout.split())
    assert "Traceback" not in run.stdout + run.stderr


def test_a_controller_short_of_descriptors_ends_with_its_reason(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(LIMITED.format(limit="RLIMIT_NOFILE", value="len(os.listdir('/dev/fd')) - 1"))
    pytester.makepyfile(SUITE)

    run = run_agents(pytester, "-pno:cacheprovider", "--tx=fork")

    assert run.exit_code == 2
    assert Counter(run.outcomes.values())["cancelled"]
    assert "no worker could be started: [Errno 24] " in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_a_process_that_was_stopped_and_forks_the_workers_goes_on(pytester: pytest.Pytester, transport: str) -> None:
    if transport != "fork":
        pytest.skip("nothing forks these workers")
    pytester.makepyfile(
        SUITE
        + """
    def test_stops_the_parent(): os.kill(os.getppid(), signal.SIGSTOP)
    def test_dies(): os.kill(os.getpid(), signal.SIGKILL)
    """
    )

    run = run_agents(pytester, "-pno:cacheprovider", "--tx=fork", "-n1")

    assert Counter(run.outcomes.values()) == {"passed": 11, "crashed": 1}
    assert "was ended by SIGKILL" in run.check("test_dies")["message"]


def test_what_no_host_has_is_named(pytester: pytest.Pytester) -> None:
    configure(pytester, '[.resources]\nGPU = { capacity = 0, scope = "host" }\n')
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.agent("test", writes=["GPU"])
        def test_gpu(): pass
        def test_plain(): pass
        """
    )

    run = run_agents(pytester, "-pno:cacheprovider", "-n1")

    assert run.exit_code == 2
    assert run.outcomes == {"test_gpu": "cancelled", "test_plain": "passed"}
    assert "no host has GPU for 1 remaining check (name one that has it with --tx, or" in run.stdout


BEFORE_ITS_FIRST_WORD = """
    import os

    def pytest_configure(config):
        if "PYTEST_XDIST_WORKER" in os.environ:
            os._exit(9)
"""


@pytest.mark.slow
def test_workers_that_never_come_up_end_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(BEFORE_ITS_FIRST_WORD)
    pytester.makepyfile(SUITE)

    run = run_agents(pytester, "-pno:cacheprovider", "--tx=popen", "--max-worker-restart=1000")

    assert run.exit_code == 2
    assert set(run.outcomes.values()) == {"cancelled"}
    assert "no worker could be started: 5 in a row did not come up, the last one, gw" in run.stdout
    assert "exited with code 9" in run.stdout


DETACHES = """
    import os, time

    def detach(program):
        reader, writer = os.pipe()
        if child := os.fork():
            os.waitpid(child, 0)
            os.read(reader, 1)
            return
        os.setsid()
        if os.fork() == 0:
            with open("pids", "a") as file:
                print(os.getpid(), file=file)
            os.write(writer, b"x")
            if program:
                os.execvp("sleep", ["sleep", "600"])
            time.sleep(600)
        os._exit(0)

    def test_ends():
        detach(program=False)
        detach(program=True)
        {end}

    def test_other(): pass
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
@pytest.mark.parametrize(
    ("end", "limit", "outcome"),
    [("time.sleep(600)", 1, "timed_out"), pytest.param("os._exit(3)", 60, "crashed", marks=pytest.mark.slow)],
)
def test_a_daemon_ends_with_the_worker_that_made_it(
    pytester: pytest.Pytester, agents: Agents, end: str, limit: int, outcome: str
) -> None:
    configure(pytester, f"grace = 0.1\ntimeout = {limit}")
    pytester.makepyfile(DETACHES.format(end=end))

    run = agents()

    assert run.outcomes == {"test_ends": outcome, "test_other": "passed"}
    pids = [int(pid) for pid in (pytester.path / "pids").read_text().split()]
    assert len(pids) >= 2  # more if the check was measured in a second pass
    wait_until_gone(*pids)
