"""The hosts of a run, as the scheduler knows them."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.options import Options
from pytest_parallel_agents.scheduling.hosts import Host

WAITING_WORKERS: Final = 32
"""How many workers a host may have beside those that fill its CPUs, for checks that wait and do not compute."""


def hosts_of(options: Options) -> list[Host]:
    """Each with as many CPUs as workers are asked for there."""
    return [Host(cpus=options.cpus, workers=options.cpus + WAITING_WORKERS)]
