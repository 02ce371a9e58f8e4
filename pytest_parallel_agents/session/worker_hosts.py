"""The hosts of a run, as the scheduler knows them."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.worker_specs import host_names, shares

WAITING_WORKERS: Final = 32
"""How many workers a host may have beside those that fill its CPUs, for checks that wait and do not compute."""


def hosts_of(options: Options) -> list[Host]:
    """Each with as many CPUs as workers are asked for there."""
    counts = shares(options.specs, options.cpus)
    cpus: Counter[str] = Counter()
    for spec, name in host_names(counts).items():
        cpus[name] += counts[spec]
    return [Host(name=name, cpus=count, workers=count + WAITING_WORKERS) for name, count in cpus.items()]
