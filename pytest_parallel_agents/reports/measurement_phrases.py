"""Measurements of profiles in words. Seconds come with what disturbed them."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_parallel_agents.reports.entries_of_checks import MeasurementEntry
from pytest_parallel_agents.reports.phrases import counted

_STEPS = ((1.0, "s", 1.0), (1e-3, "ms", 1e3), (1e-6, "us", 1e6), (0.0, "ns", 1e9))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def measurement_phrase(measurement: MeasurementEntry) -> str:
    """`1,204 calls, peak 1.2 MB, 3.1 ms beside 2 checks (CPU share 81%, 4 involuntary switches)`."""
    return ", ".join(_parts(measurement))


def _parts(measurement: MeasurementEntry) -> Iterator[str]:
    if measurement.calls is not None:
        yield counted(measurement.calls, "call")
    if measurement.peak_bytes is not None:
        yield f"peak {_bytes(measurement.peak_bytes)}"
    rounds = measurement.rounds
    if rounds is not None:
        times = f" of {rounds.iterations:,}" if rounds.iterations > 1 else ""
        yield f"median {_time(rounds.median)}, {_time(rounds.min)} to {_time(rounds.max)}"
        yield f"{counted(rounds.count, 'round')}{times} {_conditions(measurement)}"
    else:
        yield f"{_time(measurement.wall_seconds)} {_conditions(measurement)}"


def _conditions(measurement: MeasurementEntry) -> str:
    if not measurement.beside:
        return "alone"
    signs = []
    if measurement.cpu_share is not None:
        signs.append(f"CPU share {measurement.cpu_share:.0%}")
    if measurement.involuntary_switches is not None:
        signs.append(counted(measurement.involuntary_switches, "involuntary switch", "involuntary switches"))
    beside = f"beside {counted(measurement.beside, 'check')}"
    return f"{beside} ({', '.join(signs)})" if signs else beside


def _time(seconds: float) -> str:
    unit, factor = next((unit, factor) for least, unit, factor in _STEPS if seconds >= least)
    return f"{seconds * factor:.3g} {unit}" if seconds < 1 else f"{seconds:,.2f} s"


def _bytes(number: int) -> str:
    for size, unit in _BYTES:
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} B"
