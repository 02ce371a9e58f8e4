"""Weights chosen on other packages than they are judged on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.localization.evaluation import Hits, average, hits
from benchmarks.localization.faults import Fault
from benchmarks.localization.metrics import mean
from benchmarks.localization.rankings import Scene
from pytest_parallel_agents.convergence.kinds import KINDS

VARIED: Final = ("traceback", "words")
"""Kinds of which another weight is tried. That of coverage is the unit; the others say nothing of most mutants."""

Factors = tuple[float, ...]
"""By which the weights of `VARIED` are multiplied."""

AS_SHIPPED: Final[Factors] = (1.0, 1.0)
CHOICES: Final[Sequence[Factors]] = (AS_SHIPPED, (0.5, 1.0), (2.0, 1.0), (1.0, 0.5), (1.0, 2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The factors that are best on all packages but one, and the hits on that one with them."""

    group: str
    factors: Factors
    held_out: Hits


def hits_by_choice(fault: Fault, scene: Scene) -> dict[Factors, Hits]:
    shipped = hits(fault, scene.places_of(scene.causes))
    found = {AS_SHIPPED: shipped}
    for factors in CHOICES:
        of_kind = {kind.name: 1.0 for kind in KINDS} | dict(zip(VARIED, factors, strict=True))
        changed = {name for name, factor in of_kind.items() if factor != 1}
        if changed & scene.speaking:
            found[factors] = hits(fault, scene.places_of(scene.ranked(of_kind)))
        else:
            found[factors] = shipped
    return found


def leave_one_out(by_fault: Sequence[tuple[str, Mapping[Factors, Hits]]]) -> list[Choice]:
    """`by_fault`: the group of each fault, and its hits by choice."""
    choices = []
    for group in sorted({group for group, _ in by_fault}):
        others = [of_choice for each, of_choice in by_fault if each != group]
        own = [of_choice for each, of_choice in by_fault if each == group]
        best = max(CHOICES, key=lambda factors: (_goodness(others, factors), factors == AS_SHIPPED))
        choices.append(Choice(group=group, factors=best, held_out=average(each[best] for each in own)))
    return choices


def _goodness(faults: Sequence[Mapping[Factors, Hits]], factors: Factors) -> float:
    """The mean of all hits, at both levels and all depths."""
    found = average(each[factors] for each in faults)
    return round(mean([*found.function, *found.statement]), 6)
