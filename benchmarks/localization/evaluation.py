"""How well each way to rank finds each fault. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.localization.faults import Fault
from benchmarks.localization.metrics import expected_both_first, expected_hit, mean
from benchmarks.localization.rankings import Method, Places, Scene

DEPTHS: Final = (1, 3, 5, 10)
SHOWN: Final = 20
"""Statements that a report shows in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Chances, 0..1, that the fault is among the first places, by `DEPTHS`; `shown`: the share of its changes that are
    expected to be among the statements shown.
    """

    function: tuple[float, ...]
    statement: tuple[float, ...]
    shown: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """The kinds that agree on the first place, and the chance, 0..1, that it is right."""

    agreeing: int
    right: float


def hits(fault: Fault, places: Places) -> Hits:
    return Hits(
        function=tuple(expected_hit(places.functions, fault.functions.__contains__, depth) for depth in DEPTHS),
        statement=tuple(expected_hit(places.statements, fault.touches, depth) for depth in DEPTHS),
        shown=mean([expected_hit(places.statements, change.is_at, SHOWN) for change in fault.changes]),
    )


def hits_by_method(fault: Fault, scene: Scene, methods: Mapping[str, Method]) -> dict[str, Hits]:
    return {name: hits(fault, method(scene)) for name, method in methods.items()}


def average(found: Iterable[Hits]) -> Hits:
    """Of faults that all count the same."""
    all_hits = list(found)
    return Hits(
        function=tuple(mean(column) for column in zip(*(each.function for each in all_hits), strict=True)),
        statement=tuple(mean(column) for column in zip(*(each.statement for each in all_hits), strict=True)),
        shown=mean([each.shown for each in all_hits]),
    )


def confidence(fault: Fault, scene: Scene) -> Confidence | None:
    """None without a cause."""
    first = [cause for cause in scene.causes if cause.rank_group == scene.causes[0].rank_group]
    if not first:
        return None
    right = sum(
        any((each.path, each.name) == (cause.path, cause.function) for each in fault.functions) for cause in first
    )
    return Confidence(agreeing=max(cause.confidence for cause in first), right=right / len(first))


def both_first(fault: Fault, places: Places) -> float:
    """The chance that the first two functions are the two faulty ones."""
    left, right = sorted(fault.functions)
    return expected_both_first(places.functions, left, right)
