"""Weights chosen on other packages than they are judged on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from msgspec.structs import replace

from benchmarks.localization.evaluation import Hits, average, hits
from benchmarks.localization.faults import Fault
from benchmarks.localization.metrics import mean
from benchmarks.localization.rankings import Scene, by_kinds
from pytest_parallel_agents.convergence.fault import Fault as Suspected
from pytest_parallel_agents.convergence.kinds import KINDS
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind, Opinions, Weight

FACTORS: Final = (0.5, 1.0, 2.0)
VARIED: Final = ("traceback", "words")
"""Kinds whose weight is multiplied by each of the factors. That of coverage is the unit; the other kinds say nothing of
most mutants.
"""

Factors = tuple[float, ...]
"""One for each of `VARIED`."""

CHOICES: Final[Sequence[Factors]] = tuple(product(FACTORS, repeat=len(VARIED)))
AS_SHIPPED: Final[Factors] = (1.0,) * len(VARIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The factors that are best on all packages but one, and the hits on that one with them."""

    group: str
    factors: Factors
    held_out: Hits


class Remembered:
    """A kind whose opinions on the same failures of one run are asked for once, whatever weight they have."""

    def __init__(self, kind: EvidenceKind, factor: float, known: dict[tuple[object, ...], Opinions]) -> None:
        self._kind, self._known = kind, known
        self.name, self.testifies = kind.name, kind.testifies
        self.weight = _scaled(kind.weight, factor)

    def opinions(self, fault: Suspected) -> Opinions:
        key = (self.name, fault.role, tuple(check.nodeid for check in fault.failing))
        if key not in self._known:
            self._known[key] = self._kind.opinions(fault)
        return self._known[key]


def hits_by_choice(fault: Fault, scene: Scene) -> dict[Factors, Hits]:
    known: dict[tuple[object, ...], Opinions] = {}
    found = {}
    for factors in CHOICES:
        of_kind = dict(zip(VARIED, factors, strict=True))
        kinds = [Remembered(kind, of_kind.get(kind.name, 1.0), known) for kind in KINDS]
        found[factors] = hits(fault, by_kinds(kinds)(scene))
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


def _scaled(weight: Weight, factor: float) -> Weight:
    return replace(
        weight, function=weight.function * factor, line=weight.line * factor, inherited=weight.inherited * factor
    )
