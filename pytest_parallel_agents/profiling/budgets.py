"""Budgets of a measured block, and the message when it exceeds one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from pytest_parallel_agents.measurements import HotSpot, Measurement

_MOST_HOT_SPOTS = 5


class Budgets(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many calls, bytes at once, and seconds of wall clock; None is no limit."""

    max_calls: int | None = None
    max_peak: int | None = None
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a budget below 0."""
        for name in ("max_calls", "max_peak", "max_seconds"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name} is {value!r}: give a number of at least 0")

    def complaint(self, measurement: Measurement) -> str:
        """The exceeded budgets, with figures and the hottest functions; empty when there is none."""
        lines = list(self._exceeded(measurement))
        if not lines:
            return ""
        by_calls = self.max_calls is not None and (measurement.calls or 0) > self.max_calls
        return "\n".join([*lines, *_hottest(measurement.hot_spots, by_calls=by_calls)])

    def _exceeded(self, measurement: Measurement) -> Iterator[str]:
        for what, value, budget, show in (
            ("calls", measurement.calls, self.max_calls, "{:,}".format),
            ("peak bytes", measurement.peak_bytes, self.max_peak, "{:,}".format),
            ("wall seconds", measurement.wall_seconds, self.max_seconds, "{:,.3f}".format),
        ):
            if value is not None and budget is not None and value > budget:
                over = f", {value / budget - 1:.0%} over" if budget else ""
                yield f"{measurement.name}: {what} {show(value)}, budget {show(budget)}{over}"


def _hottest(spots: Sequence[HotSpot], *, by_calls: bool) -> Iterator[str]:
    key: Callable[[HotSpot], float] = (lambda spot: spot.calls) if by_calls else (lambda spot: spot.self_seconds)
    hottest = sorted(spots, key=key, reverse=True)[:_MOST_HOT_SPOTS]
    if not hottest:
        return
    yield f"hottest functions, by {'calls' if by_calls else 'self time'}:"
    places = [f"{spot.path}:{spot.line} {spot.function}" for spot in hottest]
    width = max(map(len, places))
    for place, spot in zip(places, hottest, strict=True):
        times = f"{spot.self_seconds:.3f} s self, {spot.cumulative_seconds:.3f} s cumulative"
        yield f"  {place:{width}}  {spot.calls:,} call{'' if spot.calls == 1 else 's'}, {times}"
