from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.dask import client
from pytest_parallel_agents.transports.dask.cluster import PLAIN, Cluster, Kind
from tests.dask_cluster import DaskCluster, DaskProcess, dask_cluster
from tests.unit.transports.dask.test_pipe import ECHO, started

pytestmark = pytest.mark.slow


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.5)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The files of an authority and of a certificate that it has signed."""
    folder = tmp_path_factory.mktemp("tls")
    authority, names = trustme.CA(), {name: str(folder / f"{name}.pem") for name in ("ca", "cert", "key")}
    own = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(names["ca"])
    own.private_key_pem.write_to_path(names["key"])
    own.cert_chain_pems[0].write_to_path(names["cert"])
    return names


@pytest.fixture(scope="module")
def encrypted(files: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    options = ["--tls-ca-file", files["ca"], "--tls-cert", files["cert"], "--tls-key", files["key"]]
    with dask_cluster(tmp_path_factory.mktemp("encrypted"), options) as cluster:
        cluster.add_worker("--no-nanny", threads=3)
        yield cluster


def threads(spec: DaskSpec) -> int:
    cluster = Cluster(spec)
    try:
        return cluster.kinds(()).total()
    finally:
        cluster.close()


def test_the_threads_of_a_cluster_are_counted_as_they_join(dask: DaskCluster, dask_worker: DaskProcess) -> None:
    before = threads(DaskSpec(dask.address))
    joined = dask.add_worker("--no-nanny", threads=2)
    assert threads(DaskSpec(dask.address)) == before + 2
    joined.kill()


def test_slots_hold_a_resource_as_long_as_their_worker_has_one_left(tmp_path: Path) -> None:
    with dask_cluster(tmp_path) as dask:
        cluster = Cluster(DaskSpec(dask.address))
        assert cluster.kinds(["GPU"]) == {PLAIN: 1}, "the first task may make a cluster grow"
        dask.add_worker("--no-nanny", "--resources", "GPU=1.5 TPU=3", threads=2)
        assert cluster.kinds(["GPU", "TPU"]) == {Kind({"GPU", "TPU"}): 1, Kind({"TPU"}): 1}
        assert cluster.kinds(["GPU"]) == {Kind({"GPU"}): 1, PLAIN: 1}
        assert cluster.kinds(["GPU"], 1) == {Kind({"GPU"}): 1}
        assert cluster.kinds([], 3) == {PLAIN: 3}
        assert cluster.describe() == "it has 1 workers with 2 threads"
        cluster.close()


def test_a_cluster_is_found_by_the_file_of_its_scheduler(dask: DaskCluster, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(f'{{"address": "{dask.address}"}}')
    assert threads(DaskSpec(str(file))) == threads(DaskSpec(dask.address))


def test_a_missing_file_of_a_scheduler_is_named(tmp_path: Path) -> None:
    with pytest.raises(AgentsError, match="no such scheduler file"):
        Cluster(DaskSpec(str(tmp_path / "scheduler.json")))


@pytest.mark.usefixtures("briefly")
def test_a_scheduler_that_cannot_be_reached_is_named_after_a_while() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(AgentsError, match=f"{address}: no scheduler of Dask could be reached within 0.5 s"):
            Cluster(DaskSpec(address))


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Accepts connections, and does not answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.usefixtures("briefly")
def test_what_is_no_scheduler_is_named_after_a_while(silent: socket.socket) -> None:
    with pytest.raises(AgentsError, match=r"could be reached within 0.5 s \(what is there does not answer"):
        Cluster(DaskSpec(f"tcp://127.0.0.1:{silent.getsockname()[1]}"))


def test_a_scheduler_need_not_be_waited_for(silent: socket.socket) -> None:
    cancelled = threading.Event()

    def cancel_when_it_is_called() -> None:
        with silent.accept()[0]:
            cancelled.set()

    threading.Thread(target=cancel_when_it_is_called).start()
    with pytest.raises(AgentsError, match="not waited for any longer"):
        Cluster(DaskSpec(f"tcp://127.0.0.1:{silent.getsockname()[1]}"), cancelled)


def test_tls_works_with_files_that_are_named(encrypted: DaskCluster, files: dict[str, Any]) -> None:
    assert threads(DaskSpec(encrypted.address, **files)) == 3


def test_bytes_go_to_encrypted_workers_directly(encrypted: DaskCluster, files: dict[str, Any]) -> None:
    cluster = Cluster(DaskSpec(encrypted.address, **files))
    with started(cluster, ECHO) as pipe:
        pipe.write(b"some bytes")
        pipe.close_write()
        assert pipe.read(10) == b"some bytes"
    ((address, is_direct),) = cluster._reached.items()
    assert address.startswith("tls://")
    assert is_direct
    cluster.close()


def test_tls_works_with_dask_s_own_configuration(encrypted: DaskCluster, files: dict[str, Any]) -> None:
    import dask

    client = {"cert": files["cert"], "key": files["key"]}
    with dask.config.set({"distributed.comm.tls.ca-file": files["ca"], "distributed.comm.tls.client": client}):
        assert threads(DaskSpec(encrypted.address)) == 3


@pytest.mark.usefixtures("briefly")
@pytest.mark.parametrize("named", [(), ("ca",)], ids=["nothing is known", "no certificate of ours"])
def test_tls_without_its_files_is_refused(
    encrypted: DaskCluster, files: dict[str, Any], named: tuple[str, ...]
) -> None:
    with pytest.raises(AgentsError, match="no scheduler of Dask could be reached"):
        Cluster(DaskSpec(encrypted.address, **{name: files[name] for name in named}))
