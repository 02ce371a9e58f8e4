"""How good a ranking is when ties are resolved at random: expected values, never the order of display. Pure.

A ranking is a sequence of groups, best first; the places in a group have equal scores. The expectation over all orders
of a group follows from counting the orders in which no faulty place is among the first (hypergeometric; for fault
localization see Debroy et al., "A grouping-based strategy to improve the effectiveness of fault localization
techniques", 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import groupby
from math import comb
from typing import TypeVar

Place = TypeVar("Place", bound=Hashable)
Ranking = Sequence[Collection[Place]]

_DIGITS = 9
"""Scores that differ only behind these are equal: sums of floats depend on the order of their addends."""


def ranking(scores: Mapping[Place, float], candidates: Iterable[Place] = ()) -> list[list[Place]]:
    """Groups of equal scores, highest first; candidates without a score share the last group with those of 0."""
    everything = {**dict.fromkeys(candidates, 0.0), **scores}
    rounded = sorted(((round(score, _DIGITS), place) for place, score in everything.items()), key=lambda each: -each[0])
    return [[place for _, place in tied] for _, tied in groupby(rounded, key=lambda each: each[0])]


def expected_hit(ranked: Ranking[Place], is_faulty: Callable[[Place], bool], k: int) -> float:
    """The chance, 0..1, that a faulty place is among the first k."""
    free = k
    for group in ranked:
        faulty = sum(map(is_faulty, group))
        if free >= len(group):
            if faulty:
                return 1.0
            free -= len(group)
        else:
            return 1 - comb(len(group) - faulty, free) / comb(len(group), free)
    return 0.0


def expected_both_first(ranked: Ranking[Place], left: Place, right: Place) -> float:
    """The chance, 0..1, that the first two places are these two, in whichever order."""
    groups = [list(group) for group in ranked if group]
    if not groups:
        return 0.0
    wanted = {left, right}
    if len(groups[0]) == 1:
        return 1 / len(groups[1]) if len(groups) > 1 and _in(groups[0], wanted) and _in(groups[1], wanted) else 0.0
    return 1 / comb(len(groups[0]), 2) if wanted <= set(groups[0]) else 0.0


def mean(values: Sequence[float]) -> float:
    """0 for none."""
    return sum(values) / len(values) if values else 0.0


def _in(group: Sequence[Place], wanted: set[Place]) -> bool:
    return any(place in wanted for place in group)
