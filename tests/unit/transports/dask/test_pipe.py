"""Interpreters beside workers of Dask, which are real processes, and the bytes that go there and back."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.transports.dask import cluster as module
from pytest_parallel_agents.transports.dask.cluster import Cluster, Lease
from pytest_parallel_agents.transports.dask.pipe import LeasePipe
from tests.dask_cluster import DaskCluster, DaskProcess, dask_cluster, dask_without_package

pytestmark = pytest.mark.slow

SECONDS = 60.0
ECHO = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
PID_AND_ECHO = f"import os, sys; sys.stdout.buffer.write(b'%08d' % os.getpid()); sys.stdout.buffer.flush(); {ECHO}"


def submitted(cluster: Cluster, code: str, *resources: str) -> Lease:
    lease = cluster.submit(frozenset(resources), ["-c", code])
    until = time.monotonic() + SECONDS
    while lease.slot is None and not lease.fault and time.monotonic() < until:
        cluster.wait(1)
    return lease


@contextmanager
def started(cluster: Cluster, code: str, *resources: str) -> Iterator[LeasePipe]:
    lease = submitted(cluster, code, *resources)
    assert lease.slot is not None, lease.fault
    pipe = LeasePipe(cluster, lease.slot)
    try:
        yield pipe
    finally:
        pipe.close()


def await_end(pid: int) -> None:
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=SECONDS)
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("is_direct", [True, False], ids=["directly", "through the scheduler"])
def test_bytes_arrive_complete_and_in_order(
    cluster: Cluster, dask_worker: DaskProcess, monkeypatch: pytest.MonkeyPatch, *, is_direct: bool
) -> None:
    if not is_direct:
        monkeypatch.setitem(cluster._reached, dask_worker.address, False)  # noqa: FBT003
    with started(cluster, ECHO) as pipe:
        sent = bytes(range(256)) * 20_000
        for begin in range(0, len(sent), 300_000):
            pipe.write(sent[begin : begin + 300_000])
        pipe.close_write()
        assert pipe.read(1) + pipe.read(len(sent) - 1) == sent
        with pytest.raises(EOFError):
            pipe.read(1)
        assert pipe.wait() == 0
        with pytest.raises(OSError, match="ended"):
            pipe.write(b"too late")


def test_an_interpreter_says_how_and_why_it_ended(cluster: Cluster, dask_worker: DaskProcess) -> None:
    with started(cluster, "import sys; sys.exit('no disk')") as pipe:
        assert pipe.wait() == 1
        assert pipe.errors == "no disk"


def test_an_interpreter_that_does_not_exist_is_named(dask: DaskCluster, dask_worker: DaskProcess) -> None:
    cluster = Cluster(DaskSpec(dask.address, python="/nowhere/python -X dev"))
    lease = submitted(cluster, ECHO)
    assert lease.slot is None
    assert "/nowhere/python" in lease.fault
    cluster.close()


def test_a_worker_of_dask_without_the_package_is_named_and_lives_on(tmp_path: Path) -> None:
    bare = dask_without_package(tmp_path / "packages")
    with dask_cluster(tmp_path / "dask", dask=bare) as dask:
        dask.add_worker("--no-nanny", "--resources", "FULL=1")
        dask.add_worker("--no-nanny", "--resources", "BARE=1", dask=bare)
        cluster = Cluster(DaskSpec(dask.address))
        fault = submitted(cluster, ECHO, "BARE").fault
        assert "has no pytest-parallel-agents: install pytest-parallel-agents==" in fault
        assert submitted(cluster, ECHO, "FULL").slot is not None
        assert cluster.kinds(()).total() == 2
        cluster.close()


def test_another_version_of_the_package_is_named(
    cluster: Cluster, dask_worker: DaskProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "version", lambda _: "99")
    fault = submitted(cluster, ECHO).fault
    assert f"{sys.executable} has pytest-parallel-agents {version('pytest-parallel-agents')}: " in fault
    assert "install pytest-parallel-agents==99" in fault


def test_a_resource_that_no_worker_has_is_waited_for(cluster: Cluster, dask_worker: DaskProcess) -> None:
    waiting = cluster.submit(frozenset({"TPU"}), ["-c", ECHO])
    assert submitted(cluster, ECHO, "GPU").slot is not None
    assert waiting.slot is None
    assert not waiting.fault


def test_a_killed_interpreter_leaves_nothing(cluster: Cluster, dask_worker: DaskProcess) -> None:
    with started(cluster, PID_AND_ECHO) as pipe:
        pid = int(pipe.read(8))
        pipe.kill()
        assert pipe.wait() == -signal.SIGKILL
        await_end(pid)


def test_a_cancelled_lease_gives_its_slot_back(cluster: Cluster, dask_worker: DaskProcess) -> None:
    lease = submitted(cluster, PID_AND_ECHO)
    assert lease.slot is not None
    pipe = LeasePipe(cluster, lease.slot)
    pid = int(pipe.read(8))
    cluster.forget(lease)
    with pytest.raises(EOFError):
        pipe.read(1)
    await_end(pid)
    assert submitted(cluster, ECHO).slot is not None


def test_an_interpreter_ends_with_its_controller(dask: DaskCluster, dask_worker: DaskProcess) -> None:
    code = f"""if True:
        import os, sys
        from tests.unit.transports.dask.test_pipe import PID_AND_ECHO, submitted
        from pytest_parallel_agents.dask_spec import DaskSpec
        from pytest_parallel_agents.transports.dask.cluster import Cluster
        from pytest_parallel_agents.transports.dask.pipe import LeasePipe

        cluster = Cluster(DaskSpec({dask.address!r}))
        print(int(LeasePipe(cluster, submitted(cluster, PID_AND_ECHO).slot).read(8)), flush=True)
        os.kill(os.getpid(), 9)
    """
    controller = subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.PIPE, timeout=SECONDS)
    await_end(int(controller.stdout))


def test_an_interpreter_ends_when_its_controller_calls_no_more(cluster: Cluster, dask_worker: DaskProcess) -> None:
    slot = submitted(cluster, PID_AND_ECHO).slot
    assert slot is not None
    await_end(
        int(cluster.run(cluster.call(slot, "read")).result()["data"])
    )  # takes as long as a controller may be silent


@pytest.mark.parametrize("nanny", ["--nanny", "--no-nanny"])
def test_the_death_of_a_worker_of_dask_ends_what_it_has_started(dask: DaskCluster, nanny: str) -> None:
    doomed = dask.add_worker(nanny, "--resources", "DOOMED=1")
    cluster = Cluster(DaskSpec(dask.address))
    with started(cluster, PID_AND_ECHO, "DOOMED") as pipe:
        pid = int(pipe.read(8))
        doomed.kill()
        with pytest.raises(EOFError, match="is gone"):
            pipe.read(1)
        assert pipe.wait() is None
        await_end(pid)
    cluster.close()
