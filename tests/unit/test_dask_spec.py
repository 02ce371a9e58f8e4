from __future__ import annotations

import pytest

from pytest_parallel_agents.dask_spec import DaskSpec, parse_dask
from pytest_parallel_agents.errors import AgentsError


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("dask=tcp://10.0.0.1:8786", DaskSpec("tcp://10.0.0.1:8786")),
        ("4*dask=tcp://10.0.0.1:8786", DaskSpec("tcp://10.0.0.1:8786", 4)),
        ("dask=tcp://[::1]:8786", DaskSpec("tcp://[::1]:8786")),
        ("dask=head:8786//python=/opt/py/bin/python", DaskSpec("head:8786", python="/opt/py/bin/python")),
        (
            "dask=tls://head:8786//ca=/etc/ca.pem//cert=me.pem//key=keys/me.pem",
            DaskSpec("tls://head:8786", ca="/etc/ca.pem", cert="me.pem", key="keys/me.pem"),
        ),
        (
            "dask=/srv/dask/scheduler.json//chdir=/srv/project//nice=5//env:A=b=c//env:EMPTY=",
            DaskSpec("/srv/dask/scheduler.json", chdir="/srv/project", nice=5, environment={"A": "b=c", "EMPTY": ""}),
        ),
    ],
)
def test_every_part_of_a_cluster_s_spec_is_read(text: str, spec: DaskSpec) -> None:
    assert parse_dask(text) == spec


@pytest.mark.parametrize(
    ("scheduler", "is_file"),
    [("tcp://a:1", False), ("a:1", False), ("scheduler.json", True), ("run/s", True), ("/s.json", True)],
)
def test_a_scheduler_without_an_address_is_its_file(scheduler: str, is_file: bool) -> None:  # noqa: FBT001
    assert DaskSpec(scheduler).is_file is is_file


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("dask=", "names no scheduler"),
        ("dask=tcp://", "names no scheduler"),
        ("dask=tcp://a:1//colour=red", "colour=red is no option of dask"),
        ("dask=tcp://a:1//ca", "ca is no option of dask"),
        ("dask=tcp://a:1//chdir=/a//chdir=/b", "chdir=/b is no option of dask"),
        ("dask=tcp://a:1//nice=very", "nice is no whole number"),
        ("two*dask=tcp://a:1", "two is no number of workers"),
    ],
)
def test_a_spec_that_cannot_be_understood_names_what_is_wrong(text: str, fault: str) -> None:
    with pytest.raises(AgentsError, match=fault):
        parse_dask(text)
