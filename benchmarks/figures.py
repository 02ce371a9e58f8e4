"""What rounds of measurements say together. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The median of some rounds between the least and the most."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One claim: `ours` beside `against`, as one value for each round and the most that its median may be.

    Without `at_most` it is told for information. `unit` is empty for a ratio.
    """

    suite: str
    ours: str
    against: str
    what: str
    values: tuple[float, ...]
    at_most: float | None = None
    unit: str = ""
    decimals: int = 2

    @property
    def met(self) -> bool | None:
        return None if self.at_most is None else spread(self.values).median <= self.at_most


def spread(values: Sequence[float]) -> Spread:
    """Raises statistics.StatisticsError when there are none."""
    return Spread(median=median(values), least=min(values), most=max(values))


def ratios(ours: Iterable[float], theirs: Iterable[float]) -> tuple[float, ...]:
    """Pair by pair within a round, so that a slow moment of the machine slows both sides of a ratio."""
    return tuple(left / right for left, right in zip(ours, theirs, strict=True))


def better(*competitors: Iterable[float]) -> tuple[float, ...]:
    """The least of each round."""
    return tuple(map(min, zip(*competitors, strict=True)))


def geometric_means(series: Iterable[Sequence[float]]) -> tuple[float, ...]:
    """Of each round, over all series. Values must be positive."""
    return tuple(math.exp(fmean(map(math.log, values))) for values in zip(*series, strict=True))


def linearithmic_growth(small: int, large: int) -> float:
    """How many times n log n is larger for the large n."""
    return large * math.log(large) / (small * math.log(small))
