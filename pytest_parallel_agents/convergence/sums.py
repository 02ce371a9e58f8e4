"""Sums and means that do not depend on the order of what they are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import Opinion


def mean(points: Iterable[float], number: int) -> float:
    """The mean over `number` checks, of which some may have nothing to add."""
    return math.fsum(points) / number if number else 0.0


class Best:
    """The opinions of several checks on functions: the mean of their points, with the words of the strongest one."""

    def __init__(self) -> None:
        self._opinions: dict[FunctionRange, list[Opinion]] = {}

    def add(self, function: FunctionRange, opinion: Opinion) -> None:
        self._opinions.setdefault(function, []).append(opinion)

    def means(self, number: int) -> Mapping[FunctionRange, Opinion]:
        """By function, over `number` checks."""
        return {
            function: replace(
                min(opinions, key=lambda each: (-each.points, each.check, each.what)),
                points=mean([each.points for each in opinions], number),
            )
            for function, opinions in self._opinions.items()
        }
