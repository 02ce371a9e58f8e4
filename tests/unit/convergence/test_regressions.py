from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pytest_parallel_agents.convergence.regressions import (
    TOLERANCES,
    Slower,
    regression_phrase,
    regressions,
    slower_functions,
)
from pytest_parallel_agents.measurements import HotSpot, Measurement, Rounds


def measured(calls: int = 1000, wall: float = 1.0, peak: int | None = 1_000_000, name: str = "parse") -> Measurement:
    return Measurement(name=name, calls=calls, cpu_seconds=1.0, wall_seconds=wall, peak_bytes=peak)


def worse(before: Measurement, now: Measurement, *, alone: bool = True) -> list[str]:
    return [found.what for found in regressions([before], [now], TOLERANCES, alone=alone)]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (measured(), []),
        (measured(calls=1020, wall=1.5, peak=1_100_000), []),
        (measured(calls=1021), ["calls"]),
        (measured(peak=1_100_001), ["peak_bytes"]),
        (measured(wall=1.51), ["wall_seconds"]),
        (measured(calls=2000, wall=9.0, peak=10**9), ["calls", "peak_bytes", "wall_seconds"]),
        (measured(peak=None), []),
        (measured(calls=9999, name="other"), []),
    ],
)
def test_a_value_that_grew_beyond_its_tolerance_is_worse(now: Measurement, told: list[str]) -> None:
    assert worse(measured(), now) == told


def test_wall_clock_counts_only_alone() -> None:
    assert worse(measured(), measured(wall=9.0), alone=False) == []


def test_growth_that_says_nothing_is_none() -> None:
    assert worse(measured(wall=0.001, peak=10), measured(wall=0.05, peak=60_000)) == []
    assert worse(measured(calls=1), measured(calls=2)) == ["calls"]


def test_small_growth_of_a_benchmark_says_much() -> None:
    rounds = Rounds(count=9, iterations=1, min=0.002, max=0.002, mean=0.002, median=0.002, stddev=0.0)
    slower = replace(measured(wall=0.002), rounds=rounds)
    assert worse(measured(wall=0.001), slower) == ["wall_seconds"]
    assert worse(measured(wall=0.001), slower, alone=False) == []
    assert worse(replace(measured(), calls=None), replace(measured(), calls=None)) == []


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_never_both_ways(before: int, now: int) -> None:
    one, other = measured(calls=before, peak=before), measured(calls=now, peak=now)
    assert not (worse(one, other) and worse(other, one))


def test_a_phrase_has_both_values() -> None:
    assert regression_phrase("parse", "calls", 1000, 1500, 0.02) == "parse: calls 1,000 before, 1,500 now (2% allowed)"
    assert "1.500 before, 2 now" in regression_phrase("parse", "wall_seconds", 1.5, 2.0, 0.5)


def spot(function: str, seconds: float) -> HotSpot:
    return HotSpot(path="a.py", line=1, function=function, calls=1, self_seconds=seconds, cumulative_seconds=seconds)


def test_functions_are_ranked_by_how_much_their_self_time_has_grown() -> None:
    before = [spot("slow", 5.0), spot("grown", 1.0), spot("less", 2.0)]
    now = [spot("slow", 5.5), spot("grown", 2.0), spot("grown", 1.0), spot("less", 1.0), spot("new", 0.1)]

    assert slower_functions(before, now) == [
        Slower(path="a.py", function="grown", before=1.0, now=3.0),
        Slower(path="a.py", function="slow", before=5.0, now=5.5),
        Slower(path="a.py", function="new", before=0.0, now=0.1),
    ]
