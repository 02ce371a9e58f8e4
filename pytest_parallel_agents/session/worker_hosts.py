"""The hosts of a run, as the scheduler knows them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from msgspec.structs import replace

from pytest_parallel_agents.model.hosts import LOCAL, Host
from pytest_parallel_agents.model.plan import Lock, Plan
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.worker_specs import host_names, is_remote, kind_of, number_of, shares

WAITING_WORKERS: Final = 32
"""How many workers a host may have beside those that fill its CPUs, for checks that wait and do not compute."""

HERE: Final = "this machine"
"""A resource that only this machine has. Any number of checks may use it at a time."""


def hosts_of(options: Options) -> list[Host]:
    """Each with as many CPUs as workers are asked for there."""
    counts = shares(options.specs, options.cpus)
    cpus: Counter[str] = Counter()
    for spec, name in host_names(counts).items():
        cpus[name] += counts[spec]
    return [
        Host(name=name, cpus=count, workers=count + WAITING_WORKERS, capacities={} if name == LOCAL else {HERE: 0})
        for name, count in cpus.items()
    ]


def expected_slots(options: Options, resources: Iterable[str]) -> list[Host]:
    """Those that clusters are asked for, of which a run gets what there is. Each counts as having all `resources`."""
    capacities = {**dict.fromkeys(resources, 1), HERE: 0}
    clusters = [spec for spec in options.specs if kind_of(spec) == "dask"]
    names = [f"{spec}#{number}" for spec in clusters for number in range(number_of(spec))]
    return [Host(name=name, cpus=1, workers=1, capacities=capacities) for name in names]


def kept_here(plan: Plan, commands: Collection[int], options: Options) -> Plan:
    """The plan for a run with hosts: if this machine has workers, configured commands run here alone.

    Here are the files that the user has changed, and the programs: on a host that lacks one, an optional command would
    be skipped and judge nothing. Commands that need a resource which this machine lacks go where it is. `commands` are
    the indices of their checks.
    """
    own = {
        index: (*plan.locks.get(index, ()), Lock(HERE, write=True))
        for lane in plan.lanes
        if not _lacks(plan, lane)
        for index in lane
        if index in commands
    }
    local = any(host.name == LOCAL for host in hosts_of(options))
    if not own or not local or not any(map(is_remote, options.specs)):
        return plan
    return replace(
        plan,
        locks={**plan.locks, **own},
        capacities={**plan.capacities, HERE: sys.maxsize},
        per_host=plan.per_host | {HERE},
    )


def _lacks(plan: Plan, lane: Iterable[int]) -> bool:
    """Whether this machine lacks what checks of the lane write."""
    written = {lock.name for index in lane for lock in plan.locks.get(index, ()) if lock.write}
    return any(plan.capacities.get(name, 1) == 0 for name in written & plan.per_host)
