"""Measurements: types of the model, in a module of their own because they are many."""

from __future__ import annotations

import msgspec


class HotSpot(msgspec.Struct, frozen=True, kw_only=True):
    """A function that a profile saw. Seconds of the measured process, `calls` counted exactly."""

    path: str
    line: int
    function: str
    calls: int
    self_seconds: float
    cumulative_seconds: float


class Rounds(msgspec.Struct, frozen=True, kw_only=True):
    """The rounds of a benchmark, and the times of one call of the timed function. All but `count` and `iterations` are
    seconds; a round has this many `iterations`.
    """

    count: int
    iterations: int
    min: float
    max: float
    mean: float
    median: float
    stddev: float


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """The measurement of one `with profile()` block, one benchmark or a command. Values that were not measured are
    None.

    `peak_bytes`: allocated above the start, by tracemalloc. `wall_seconds` of a benchmark are the median of its
    `rounds`. `involuntary_switches`: how often the system took the CPU away from the process meanwhile.
    """

    name: str
    calls: int | None
    cpu_seconds: float | None
    wall_seconds: float
    peak_bytes: int | None
    hot_spots: tuple[HotSpot, ...] = ()
    rounds: Rounds | None = None
    involuntary_switches: int | None = None

    @property
    def cpu_share(self) -> float | None:
        """CPU seconds per second of wall clock: near 1 for a thread that computes undisturbed."""
        if self.cpu_seconds is None or self.wall_seconds <= 0:
            return None
        return self.cpu_seconds / self.wall_seconds
