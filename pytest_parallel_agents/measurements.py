"""What profiles measure: nouns of the model, kept apart because they are many."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HotSpot:
    """A function that a profile saw. Seconds of the measured process, `calls` counted exactly."""

    path: str
    line: int
    function: str
    calls: int
    self_seconds: float
    cumulative_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one `with profile()` block measured. `peak_bytes`: allocated above the start, by tracemalloc."""

    name: str
    calls: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int | None
    hot_spots: tuple[HotSpot, ...] = ()
