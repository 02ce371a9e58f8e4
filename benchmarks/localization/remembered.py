"""Kinds of evidence whose opinions are asked for once, however often the same run is ranked. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind, Opinions, Weight

Known = dict[tuple[object, ...], Opinions]
"""Opinions of one run, by kind and by the failures that they are of."""


class Remembered:
    """A kind with another weight, that looks up what it knows."""

    def __init__(self, kind: EvidenceKind, known: Known, factor: float = 1.0) -> None:
        self._kind, self._known = kind, known
        self.name, self.testifies = kind.name, kind.testifies
        self.weight = _scaled(kind.weight, factor)

    def opinions(self, fault: Fault) -> Opinions:
        key = (self.name, fault.role, tuple(check.nodeid for check in fault.failing))
        if key not in self._known:
            self._known[key] = self._kind.opinions(fault)
        return self._known[key]


def speaking(known: Known) -> frozenset[object]:
    """The names of the kinds that have an opinion at all."""
    return frozenset(name for (name, *_), opinions in known.items() if opinions.functions or opinions.lines)


def _scaled(weight: Weight, factor: float) -> Weight:
    return replace(
        weight, function=weight.function * factor, line=weight.line * factor, inherited=weight.inherited * factor
    )
