from __future__ import annotations

import sys

import pytest

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.dask.cluster import Cluster


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(AgentsError, match=r"the package distributed: .*pip install 'pytest-parallel-agents\[dask\]'"):
        Cluster(DaskSpec("tcp://127.0.0.1:1"))
