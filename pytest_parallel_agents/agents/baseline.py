"""The facts of an earlier run that agents need to judge by what is new."""

from __future__ import annotations

import msgspec
import pytest


class EarlierHotSpot(msgspec.Struct, frozen=True, kw_only=True):
    """A function that an earlier profile saw, and the seconds that it took itself."""

    path: str
    function: str
    self_seconds: float


class EarlierMeasurement(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a measurement that a later run compares."""

    name: str
    calls: int | None
    wall_seconds: float
    peak_bytes: int | None
    hot_spots: tuple[EarlierHotSpot, ...] = ()


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Fingerprints of all findings, measurements by node id, and the share by which each of their values may grow."""

    fingerprints: frozenset[str]
    measurements: dict[str, tuple[EarlierMeasurement, ...]]
    tolerances: dict[str, float]


NO_BASELINE = Baseline(fingerprints=frozenset(), measurements={}, tolerances={})
_BASELINE = pytest.StashKey[Baseline]()


def set_baseline(config: pytest.Config, baseline: Baseline) -> None:
    """Lets this process's agents judge by what is new since."""
    config.stash[_BASELINE] = baseline


def baseline_of(config: pytest.Config) -> Baseline:
    """The baseline of this run; empty if there is none."""
    return config.stash.get(_BASELINE, NO_BASELINE)
