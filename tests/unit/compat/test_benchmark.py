from __future__ import annotations

import pstats
from cProfile import Profile
from types import SimpleNamespace

import pytest
from pytest_benchmark.stats import Metadata

from pytest_parallel_agents.compat.benchmark import _measurement, _packed, _unpacked
from pytest_parallel_agents.wire import packing


@pytest.fixture
def measured() -> Metadata:
    """What pytest-benchmark makes of three rounds."""
    profile = Profile()
    profile.runcall(sorted, [2, 1])
    fixture = SimpleNamespace(
        name="test_it[1]", fullname="t.py::test_it[1]", group="g", param="1", params={"x": object()}, has_error=False
    )
    fixture.extra_info, fixture.cprofile_stats = {"size": (1, 2)}, pstats.Stats(profile)
    metadata = Metadata(fixture, iterations=2, options={"timer": sorted, "min_rounds": 3})
    for seconds in (2.0, 6.0, 4.0):
        metadata.update(seconds)
    return metadata


def test_a_benchmark_survives_the_wire(measured: Metadata) -> None:
    there = _unpacked(packing.unpack(packing.pack(_packed(measured))))  # type: ignore[arg-type]

    mine, theirs = measured.as_dict(flat=True), there.as_dict(flat=True)
    assert mine.pop("params").keys() == theirs.pop("params").keys()
    assert mine == theirs
    assert (theirs["data"], there.has_error, bool(there)) == ([1.0, 3.0, 2.0], False, True)
    assert there["median"] == 2.0


def test_its_measurement_is_the_median_of_one_call(measured: Metadata) -> None:
    measurement = _measurement(measured)
    assert (measurement.name, measurement.wall_seconds, measurement.calls) == ("test_it[1]", 2.0, None)
    assert measurement.rounds is not None
    assert (measurement.rounds.count, measurement.rounds.iterations, measurement.rounds.stddev) == (3, 2, 1.0)
