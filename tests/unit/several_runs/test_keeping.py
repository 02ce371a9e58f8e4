from __future__ import annotations

import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.several_runs.keeping import Keeping, read_keeping
from pytest_parallel_agents.tables import Table


def read(**keys: object) -> tuple[Keeping, list[str]]:
    faults: list[AgentsError] = []
    table = Table({key.replace("_", "-"): value for key, value in keys.items()}, where="x.toml: it", faults=faults)
    return read_keeping(table), [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("keys", "keeping"),
    [
        ({}, Keeping(reports=0, most_bytes=50_000_000)),
        ({"keep": 30}, Keeping(reports=30, most_bytes=50_000_000)),
        ({"keep": 1, "keep_size": "200kB"}, Keeping(reports=1, most_bytes=200_000)),
        ({"keep": 1, "keep_size": "2 GB"}, Keeping(reports=1, most_bytes=2_000_000_000)),
    ],
)
def test_how_many_are_kept_and_how_large(keys: dict[str, object], keeping: Keeping) -> None:
    assert read(**keys) == (keeping, [])


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"keep": -1}, "x.toml: it.keep must be a whole number of at least 0, not -1"),
        ({"keep": "all"}, 'x.toml: it.keep must be a whole number of at least 0, not "all"'),
        (
            {"keep_size": "much"},
            'x.toml: it.keep-size is "much" (write a whole number and kB, MB or GB, such as 50MB)',
        ),
        ({"keep_size": 50}, "x.toml: it.keep-size must be a string, not 50"),
    ],
)
def test_faults_name_the_key_and_the_remedy(keys: dict[str, object], fault: str) -> None:
    assert read(**keys)[1] == [fault]
