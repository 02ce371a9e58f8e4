from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.transports.dask.cluster import Cluster
from tests.dask_cluster import DaskCluster, DaskProcess, dask_cluster


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def dask_worker(dask: DaskCluster) -> DaskProcess:
    """Has one slot."""
    return dask.add_worker("--no-nanny", "--resources", "GPU=2")


@pytest.fixture
def cluster(dask: DaskCluster) -> Iterator[Cluster]:
    connected = Cluster(DaskSpec(dask.address))
    yield connected
    connected.close()
