"""Workers on a cluster of Dask: a real scheduler and its workers, on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.dask_cluster import DaskCluster, dask_cluster, dask_without_package
from tests.functional.runs import LIGHT, configure, refused, run_agents, run_pytest
from tests.functional.workers.waiting import run_until
from tests.processes import PATIENCE, listening, wait_until_gone

pytestmark = pytest.mark.slow

ONCE = ("-pno:cacheprovider", "--agents-recheck=off", "--agents-root-cause=off")

SUITE = """
    import pathlib, os, time
    import pytest

    @pytest.fixture(scope="session", autouse=True)
    def until_both_have_some():
        pathlib.Path(os.environ["PYTEST_XDIST_WORKER"] + ".begun").touch()
        while len(list(pathlib.Path().glob("*.begun"))) < 2: time.sleep(0.01)

    @pytest.mark.parametrize("number", range(24))
    def test_it(number):
        with open("ran", "a") as ran:
            ran.write(f"{number} {os.environ.get('FROM_SPEC')} {os.nice(0)}\\n")
        print(f"printed by {number}")
        assert number != 7
"""


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path / "dask") as cluster:
        yield cluster


def ran(pytester: pytest.Pytester) -> Counter[str]:
    return Counter(line.split()[0] for line in (pytester.path / "ran").read_text().splitlines())


def test_a_run_on_a_cluster_ends_as_a_serial_one(pytester: pytest.Pytester, dask: DaskCluster) -> None:
    dask.add_worker("--nanny")
    dask.add_worker("--no-nanny")
    pytester.makepyfile(SUITE)
    nice = os.nice(0) + 3

    run = run_agents(pytester, f"--tx=dask={dask.address}//env:FROM_SPEC=yes//nice=3", *ONCE)

    assert Counter(run.outcomes.values()) == {"passed": 23, "failed": 1}
    assert set(ran(pytester).values()) == {1}
    lines = (pytester.path / "ran").read_text().splitlines()
    assert {line.partition(" ")[2] for line in lines} == {f"yes {nice}"}
    assert "printed by 7" in run.stdout
    assert len(run.workers()) == 2


@contextmanager
def running(pytester: pytest.Pytester, *args: str) -> Iterator[subprocess.Popen[str]]:
    """A run on as many slots as there are, once a check of it waits until there is a file `go`."""
    pytester.makepyfile(WAITS)
    with run_until(pytester, [pytester.path / "up"], *LIGHT, *ONCE, *args) as process:
        yield process


WAITS = """
    import os, pathlib, time
    import pytest

    @pytest.mark.parametrize("number", range(12))
    def test_it(number):
        with open("workers", "a") as workers:
            workers.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
        pathlib.Path("up").touch()
        while not pathlib.Path("go").exists():
            time.sleep(0.05)
"""


def workers(pytester: pytest.Pytester) -> set[str]:
    return set((pytester.path / "workers").read_text().split())


def wait_for_workers(pytester: pytest.Pytester, number: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(workers(pytester)) < number:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_workers_of_dask_join_and_die(pytester: pytest.Pytester, dask: DaskCluster) -> None:
    doomed = dask.add_worker("--nanny")
    with running(pytester, f"--tx=dask={dask.address}") as run:
        dask.add_worker("--no-nanny", threads=2)
        wait_for_workers(pytester, 3)
        doomed.kill()
        (pytester.path / "go").touch()
        output, _ = run.communicate(timeout=PATIENCE)

    assert run.returncode == 0, output
    assert "12 passed" in output
    assert f"host {doomed.address}/1 " in output


def test_the_run_ends_with_the_reason_why_what_joined_cannot_be_used(
    pytester: pytest.Pytester, dask: DaskCluster, tmp_path: Path
) -> None:
    pytester.makeconftest("from pytest_parallel_agents.controller import commands; commands.JOIN_SECONDS = 8.0")
    configure(pytester, "resources = { gpu = { capacity = 0, scope = 'host' } }")
    pytester.makepyfile(
        """
        import pathlib, time
        import pytest

        def test_plain():
            pathlib.Path("up").touch()
            while not pathlib.Path("go").exists():
                time.sleep(0.05)

        @pytest.mark.agent("test", writes=["gpu"])
        def test_gpu(): pass
        """
    )
    dask.add_worker("--no-nanny")
    with run_until(pytester, [pytester.path / "up"], f"--tx=dask={dask.address}") as run:
        dask.add_worker("--no-nanny", "--resources", "gpu=1", dask=dask_without_package(tmp_path / "packages"))
        (pytester.path / "go").touch()
        output, _ = run.communicate(timeout=PATIENCE)

    assert run.returncode == 2, output
    assert "no host has gpu for 1 remaining check (name one" in output
    assert "has no pytest-parallel-agents: install" in output


def test_a_check_that_ends_every_slot_is_reported(pytester: pytest.Pytester, dask: DaskCluster) -> None:
    dask.add_worker("--no-nanny")
    pytester.makepyfile(
        """
        import os, signal

        def test_ends_what_started_its_worker():
            os.kill(os.getppid(), signal.SIGKILL)

        def test_other(): pass
        """
    )
    run = run_agents(pytester, f"--tx=dask={dask.address}", *ONCE)

    assert run.check("test_ends_what_started_its_worker")["outcome"] == "crashed"
    assert "as 2 others have with this check" in run.stdout
    assert run.check("test_other")["outcome"] == "passed"


def test_as_many_workers_may_be_lost_as_suits_the_cluster(
    pytester: pytest.Pytester, dask: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "1")
    dask.add_worker("--no-nanny", threads=2)
    pytester.makepyfile(
        """
        import os
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_ends_its_worker(number): os._exit(1)
        """
    )
    result = run_pytest(pytester, "--agents", f"--tx=dask={dask.address}", *ONCE)

    result.assert_outcomes(failed=6)


def test_without_its_scheduler_the_checks_run_elsewhere_or_are_reported(
    pytester: pytest.Pytester, dask: DaskCluster
) -> None:
    dask.add_worker("--no-nanny")
    with running(pytester, f"--tx=dask={dask.address}") as run:
        dask.close()
        output, _ = run.communicate(timeout=PATIENCE)

    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "no worker could be started: " in output
    checks = json.loads((pytester.path / "report.json").read_text("utf-8"))["checks"]
    assert [check["outcome"] for check in checks] == ["cancelled"] * 12


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_controller(pytester: pytest.Pytester, dask: DaskCluster, signum: signal.Signals) -> None:
    worker = psutil.Process(dask.add_worker("--no-nanny").pid)
    before = worker.children(recursive=True)
    with running(pytester, f"--tx=dask={dask.address}") as run:
        started = [child for child in worker.children(recursive=True) if child not in before]
        run.send_signal(signum)
        run.communicate(timeout=PATIENCE)
    assert len(started) >= 2  # the program in the slot, and a worker
    wait_until_gone(*(child.pid for child in started))
    (pytester.path / "go").touch()
    run_agents(pytester, "--tx=fork", "-pno:cacheprovider")  # removes what nobody was left to


def test_nothing_new_listens(pytester: pytest.Pytester, dask: DaskCluster) -> None:
    own = [psutil.Process(process.pid) for process in (dask.scheduler, dask.add_worker("--no-nanny"))]
    before = listening(*own)
    assert before
    with running(pytester, f"--tx=dask={dask.address}") as run:
        started = [process for one in [*own, psutil.Process(run.pid)] for process in one.children(recursive=True)]
        assert len(started) >= 2  # the program in the slot, and a worker
        assert listening(*own, psutil.Process(run.pid), *started) == before
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=PATIENCE)


def test_a_resource_is_where_its_workers_declare_it(pytester: pytest.Pytester, dask: DaskCluster) -> None:
    dask.add_worker("--no-nanny", threads=2)
    rich = dask.add_worker("--no-nanny", "--resources", "GPU=1", threads=2)
    configure(pytester, '[.resources]\nGPU = { capacity = 0, scope = "host" }')
    pytester.makepyfile(
        """
        import os
        import pytest

        @pytest.mark.parametrize("number", range(4))
        @pytest.mark.agent("test", writes=["GPU"])
        def test_gpu(number):
            lock = os.open("lock", os.O_CREAT | os.O_EXCL)
            os.unlink("lock")

        @pytest.mark.parametrize("number", range(4))
        def test_plain(number): pass
        """
    )
    run = run_agents(pytester, "-n4", f"--tx=dask={dask.address}", *ONCE)

    assert set(run.outcomes.values()) == {"passed"}
    assert len(run.workers(*(f"test_gpu[{number}]" for number in range(4)))) == 1
    assert rich.address


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("dask=tcp://127.0.0.1:1", "no scheduler of Dask could be reached within"),
        ("dask={address}//chdir=/no/where", "there is no folder /no/where"),
        ("dask={address}//python=/usr/bin/false", "ended"),
        ("dask={address}//colour=red", "colour=red is no option of dask"),
    ],
)
def test_what_is_wrong_with_a_cluster_is_a_usage_error(
    pytester: pytest.Pytester, dask: DaskCluster, spec: str, fault: str
) -> None:
    dask.add_worker("--no-nanny")
    pytester.makepyfile("def test_it(): pass")

    faults = refused(pytester, f"--tx={spec.format(address=dask.address)}")

    assert len(faults) == 1
    assert fault in faults[0]
