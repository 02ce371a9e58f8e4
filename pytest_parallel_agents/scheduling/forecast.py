"""The forecast for a plan before it begins, and the priorities that follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

import msgspec

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.granularity import LARGEST_BLIND_BATCH
from pytest_parallel_agents.scheduling.long_parts import find_long_parts
from pytest_parallel_agents.scheduling.priorities import (
    assign_priorities,
    fill_in,
    find_inflexible,
    from_both_ends,
    shortest_first,
    urgent_paths,
)
from pytest_parallel_agents.scheduling.states import Priority
from pytest_parallel_agents.scheduling.stretches import Stretches, find_stretches, stretch_lanes

_BLOCKS = 4
"""A file of which nothing is known is cut into so many blocks for each CPU, should it be longer than all others."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` of each check, guessed for the `unknown` ones; `blind` when all are unknown.

    `behind`: seconds of the longest chain behind each check that runs alone. `share`: seconds of work for each CPU.
    """

    seconds: Mapping[int, float]
    unknown: frozenset[int]
    blind: bool
    share: float
    stretches: Stretches
    priorities: Mapping[int, Priority]
    behind: Mapping[int, float]
    in_order: bool
    cpus: int

    @property
    def stretch_lanes(self) -> Iterator[tuple[int, ...]]:
        """Stretches whose files may begin at once: each by itself where the order counts, all together when no estimate
        is known.
        """
        return stretch_lanes(
            self.stretches, self.seconds, share=0.0 if self.in_order else inf if self.blind else self.share
        )

    @property
    def long_parts(self) -> Mapping[int, float]:
        return {} if self.blind else find_long_parts(self.stretches, self.seconds, share=self.share)

    @property
    def block(self) -> int | None:
        """How many checks are cut off a file at most, where nothing is known."""
        return 1 + len(self.seconds) // (_BLOCKS * self.cpus) if self.blind else None

    @property
    def delays_spreading(self) -> bool:
        """Whether the plain checks are probably over before a second worker could help."""
        return self.blind and not self.in_order and 0 < len(self.stretches.checks) <= LARGEST_BLIND_BATCH


def forecast(
    plan: Plan,
    estimates: Mapping[int, float],
    plain: set[int],
    *,
    racing: Iterable[Sequence[int]],
    over: Sequence[int],
    hosts: Sequence[Host],
    in_order: bool,
) -> Forecast:
    """`plain` are the checks that need nothing but a CPU. `in_order`: no check is preferred because it takes long. The
    work of those in `over` is done, which says nothing about others.

    `racing` are the members of each group that waits for some of them only: the shortest begin. What only some of
    the `hosts` can run comes before what can run elsewhere meanwhile.
    """
    estimates = {check: seconds for check, seconds in estimates.items() if check not in over} if over else estimates
    blind = plan.checks.keys().isdisjoint(estimates)
    seconds = {**fill_in(plan, estimates), **dict.fromkeys(over, 0.0)}
    cpus = sum(host.cpus for host in hosts)
    stretches = find_stretches(plan, plain, seconds, cpus=cpus)
    paths = urgent_paths(plan if blind else stretches.chained(plan), seconds)
    places = sorted(plan.checks)
    if blind and cpus > 1 and not in_order:
        places = from_both_ends(plan, cpus=cpus, last=stretches.checks)
    priorities = assign_priorities(paths, places, () if blind or in_order else find_inflexible(plan, hosts))
    for members in racing:
        shortest_first(priorities, members, estimates)
    return Forecast(
        seconds=seconds,
        unknown=frozenset(plan.checks.keys() - estimates.keys() - set(over)),
        blind=blind,
        share=sum(seconds.values()) / cpus,
        stretches=stretches,
        priorities=priorities,
        behind={index: paths.seconds[index] - seconds[index] for index, check in plan.checks.items() if check.alone},
        in_order=in_order,
        cpus=cpus,
    )
