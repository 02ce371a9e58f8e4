"""Priorities: longest processing time first, along the critical path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from math import inf

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS, LARGEST_BLIND_BATCH
from pytest_parallel_agents.scheduling.paths import Chains, Paths
from pytest_parallel_agents.scheduling.states import Priority

_BLOCKS = 4
"""Into how many blocks for each CPU the checks are cut at least when they begin from both ends."""


def fill_in(plan: Plan, estimates: Mapping[int, float]) -> dict[int, float]:
    """Seconds for every check. An unknown one counts as longer than nine in ten: a long one found late costs most.

    When none is known they count so that at most 32 fit a batch.
    """
    known = sorted(estimates[check] for check in plan.checks if check in estimates)
    unknown = known[len(known) * 9 // 10] if known else BATCH_SECONDS / LARGEST_BLIND_BATCH
    return {check: estimates.get(check, unknown) for check in plan.checks}


def urgent_paths(plan: Plan, seconds: Mapping[int, float]) -> Paths:
    """Longest chains, where checks that write the same lock are taken for a chain as well."""
    chains = Chains(plan)
    return chains.longest(seconds, _lock_chains(plan, seconds, chains.longest(seconds)))


def assign_priorities(paths: Paths, order: Sequence[int], first: Collection[int] = ()) -> dict[int, Priority]:
    """Longest paths first, equal ones in this order. Those in `first` come before all others."""
    lengths = {check: int(paths.seconds[check] / BATCH_SECONDS) for check in order}
    ahead = max(lengths.values()) + 1 if first else 0
    return {check: (-lengths[check] - ahead * (check in first), place) for place, check in enumerate(order)}


def find_inflexible(plan: Plan, hosts: Sequence[Host]) -> frozenset[int]:
    """The checks of lanes that write what only some hosts have."""
    scarce = {
        name
        for name in plan.per_host
        if plan.capacities.get(name) == 0 or any(host.capacities.get(name) == 0 for host in hosts)
    }
    if not scarce:
        return frozenset()
    writers = {
        check for check, locks in plan.locks.items() if any(lock.write and lock.name in scarce for lock in locks)
    }
    return frozenset(chain.from_iterable(lane for lane in plan.lanes if not writers.isdisjoint(lane)))


def shortest_first(order: dict[int, Priority], members: Iterable[int], estimates: Mapping[int, float]) -> None:
    """Gives the shortest of these checks the place of the most urgent one, and so on. The unknown ones come last, as
    collected.

    Their group is met by the first that pass, so the group's turn stays what it was.
    """
    by_length = sorted(members, key=lambda member: (estimates.get(member, inf), member))
    order.update(zip(by_length, sorted(order[member] for member in by_length), strict=True))


def from_both_ends(plan: Plan, *, cpus: int, last: Collection[int] = ()) -> list[int]:
    """An order for checks of which nothing is known: first block, last block, second, last but one and so on.

    Long checks often stand together, in front or at the end, and one that begins last costs most. A block has
    neighbours of one file in collection order. Those that are to go `last` keep the order of collection.
    """
    first = [index for index in sorted(plan.checks) if index not in last]
    blocks = _blocks(plan, first, len(first) / (_BLOCKS * cpus))
    middle = (len(blocks) + 1) // 2
    turns = zip_longest(blocks[:middle], reversed(blocks[middle:]), fillvalue=())
    return [*chain.from_iterable(chain.from_iterable(turns)), *sorted(last)]


def _blocks(plan: Plan, checks: Iterable[int], most: float) -> list[list[int]]:
    blocks: list[list[int]] = []
    path = None
    for index in checks:
        earlier, path = path, plan.checks[index].nodeid.partition("::")[0]
        if path != earlier or len(blocks[-1]) >= most:
            blocks.append([])
        blocks[-1].append(index)
    return blocks


def _lock_chains(plan: Plan, seconds: Mapping[int, float], paths: Paths) -> dict[int, float]:
    """For each writer of a lock, how long it and the less urgent writers of that lock take one after another."""
    writers: dict[str, list[int]] = defaultdict(list)
    for check, locks in plan.locks.items():
        for lock in locks:
            if lock.write:
                writers[lock.name].append(check)
    chains: dict[int, float] = {}
    for name, checks in writers.items():
        total = 0.0
        for check in sorted(checks, key=lambda one: (paths.seconds[one], -one)):
            total += seconds[check] / max(1, plan.capacities.get(name, 1))
            chains[check] = max(chains.get(check, 0.0), total)
    return chains
