"""What is expected of a plan before it begins, and what follows for its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

import msgspec

from pytest_parallel_agents.model import Plan
from pytest_parallel_agents.scheduling.long_parts import find_long_parts
from pytest_parallel_agents.scheduling.priorities import (
    LARGEST_BLIND_BATCH,
    Priority,
    fill_in,
    from_both_ends,
    priorities,
    shortest_first,
    urgent_paths,
)
from pytest_parallel_agents.scheduling.stretches import Stretches, find_stretches, stretches

_BLOCKS = 4
"""A file of which nothing is known is cut into so many blocks for each CPU, should it be longer than all others."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` of each check, guessed for the `unknown` ones; `blind` when all are unknown.

    `behind`: seconds of the longest chain behind each check that runs alone. `share`: seconds of work for each CPU.
    """

    seconds: Mapping[int, float]
    unknown: frozenset[int]
    blind: bool
    share: float
    found: Stretches
    order: Mapping[int, Priority]
    behind: Mapping[int, float]
    in_order: bool
    cpus: int

    @property
    def stretches(self) -> Iterator[tuple[int, ...]]:
        """Whose files may be begun at once: each by itself where the order counts, all together when none is known."""
        return stretches(self.found, self.seconds, share=0.0 if self.in_order else inf if self.blind else self.share)

    @property
    def long_parts(self) -> Mapping[int, float]:
        return {} if self.blind else find_long_parts(self.found, self.seconds, share=self.share)

    @property
    def block(self) -> int | None:
        """How many checks are cut off a file at most, where nothing is known."""
        return 1 + len(self.seconds) // (_BLOCKS * self.cpus) if self.blind else None

    @property
    def calls_for_patience(self) -> bool:
        """Whether the plain checks are probably over before a second worker could help."""
        return self.blind and not self.in_order and 0 < len(self.found.checks) <= LARGEST_BLIND_BATCH


def outlook(
    plan: Plan,
    estimates: Mapping[int, float],
    plain: set[int],
    *,
    racing: Iterable[Sequence[int]],
    cpus: int,
    in_order: bool,
) -> Outlook:
    """`plain` are the checks that need nothing but a CPU. `in_order`: no check is preferred because it takes long.

    `racing` are the members of each group that waits for some of them only: the shortest begin.
    """
    blind = plan.checks.keys().isdisjoint(estimates)
    seconds = fill_in(plan, estimates)
    found = find_stretches(plan, plain, seconds, cpus=cpus)
    paths = urgent_paths(plan if blind else found.chained(plan), seconds)
    places = sorted(plan.checks)
    if blind and cpus > 1 and not in_order:
        places = from_both_ends(plan, cpus=cpus, last=found.checks)
    order = priorities(paths, places)
    for members in racing:
        shortest_first(order, members, estimates)
    return Outlook(
        seconds=seconds,
        unknown=frozenset(plan.checks.keys() - estimates.keys()),
        blind=blind,
        share=sum(seconds.values()) / cpus,
        found=found,
        order=order,
        behind={index: paths.seconds[index] - seconds[index] for index, check in plan.checks.items() if check.alone},
        in_order=in_order,
        cpus=cpus,
    )
