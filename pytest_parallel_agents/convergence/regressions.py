"""Which measurements are worse than those of an earlier run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

import msgspec

WALL: Final = "wall_seconds"

TOLERANCES: Final[Mapping[str, float]] = {"calls": 0.02, "peak_bytes": 0.1, WALL: 0.5}
"""What is compared, and by what share of the earlier value it may grow."""

_SLACK: Final[Mapping[str, float]] = {"calls": 0, "peak_bytes": 1 << 16, WALL: 0.05}
"""Growth that means nothing however small the earlier value was: calls, bytes, seconds."""


class Measured(Protocol):
    """The part of a measurement that is compared."""

    @property
    def name(self) -> str: ...
    @property
    def calls(self) -> int | None: ...
    @property
    def wall_seconds(self) -> float: ...
    @property
    def peak_bytes(self) -> int | None: ...


class Spot(Protocol):
    """A function that a profile saw, by the time that it took itself."""

    @property
    def path(self) -> str: ...
    @property
    def function(self) -> str: ...
    @property
    def self_seconds(self) -> float: ...


class Slower(msgspec.Struct, frozen=True, kw_only=True):
    """A function that takes more time of its own than it did. `before` and `now` are seconds."""

    path: str
    function: str
    before: float
    now: float

    @property
    def growth(self) -> float:
        return self.now - self.before


class MeasuredNow(Measured, Protocol):
    @property
    def rounds(self) -> object | None:
        """A benchmark's rounds."""
        ...


class Regression(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one measurement grew beyond its tolerance. `what` is the value's name."""

    measurement: str
    what: str
    before: float
    now: float
    tolerance: float


def regressions(
    before: Iterable[Measured], now: Iterable[MeasuredNow], tolerances: Mapping[str, float], *, alone: bool
) -> Iterator[Regression]:
    """Compare the measurements of one check by their names.

    Wall clock is compared only when the check ran `alone`: beside others it measures those as well.
    """
    earlier = {measured.name: measured for measured in before}
    for measured in now:
        if measured.name not in earlier:
            continue
        for what, tolerance in tolerances.items():
            old, new = getattr(earlier[measured.name], what), getattr(measured, what)
            if old is None or new is None or (what == WALL and not alone):
                continue
            slack = 0 if measured.rounds is not None else _SLACK[what]  # the median of many rounds is no accident
            if new - old > max(old * tolerance, slack):
                yield Regression(measurement=measured.name, what=what, before=old, now=new, tolerance=tolerance)


def slower_functions(before: Iterable[Spot], now: Iterable[Spot]) -> list[Slower]:
    """The functions whose self time has grown, most first."""
    earlier, later = _self_seconds(before), _self_seconds(now)
    found = [
        Slower(path=path, function=function, before=earlier.get((path, function), 0.0), now=seconds)
        for (path, function), seconds in later.items()
    ]
    return sorted(
        (each for each in found if each.growth > 0), key=lambda each: (-each.growth, each.path, each.function)
    )


def _self_seconds(spots: Iterable[Spot]) -> dict[tuple[str, str], float]:
    seconds: dict[tuple[str, str], float] = {}
    for spot in spots:
        seconds[spot.path, spot.function] = seconds.get((spot.path, spot.function), 0.0) + spot.self_seconds
    return seconds


def regression_phrase(measurement: str, what: str, before: float, now: float, tolerance: float) -> str:
    """One line for people: `parse: calls 1,000 before, 1,500 now (2% allowed)`."""
    return (
        f"{measurement}: {what.replace('_', ' ')} {_shown(before)} before, {_shown(now)} now ({tolerance:.0%} allowed)"
    )


def _shown(value: float) -> str:
    return f"{value:,.3f}" if isinstance(value, float) and not value.is_integer() else f"{value:,.0f}"
