"""The hosts of a run, as the scheduler knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.worker_specs import host_names, kind_of, number_of, shares

WAITING_WORKERS: Final = 32
"""How many workers a host may have beside those that fill its CPUs, for checks that wait and do not compute."""


def hosts_of(options: Options) -> list[Host]:
    """Each with as many CPUs as workers are asked for there."""
    counts = shares(options.specs, options.cpus)
    cpus: Counter[str] = Counter()
    for spec, name in host_names(counts).items():
        cpus[name] += counts[spec]
    return [Host(name=name, cpus=count, workers=count + WAITING_WORKERS) for name, count in cpus.items()]


def expected_slots(options: Options, resources: Iterable[str]) -> list[Host]:
    """Those that clusters are asked for, of which a run gets what there is. Each counts as having all `resources`."""
    capacities = dict.fromkeys(resources, 1)
    clusters = [spec for spec in options.specs if kind_of(spec) == "dask"]
    names = [f"{spec}#{number}" for spec in clusters for number in range(number_of(spec))]
    return [Host(name=name, cpus=1, workers=1, capacities=capacities) for name in names]
