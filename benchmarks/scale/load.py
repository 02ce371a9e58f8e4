"""The suite that is simulated: what each check takes, what is known before, and what it needs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pytest_parallel_agents.model.plan import Check, Lock, Plan

CHECKS_A_FILE: Final = 50
LONGEST: Final = 120.0
"""Seconds of a check."""

_SPREAD: Final = 1.2
"""Standard deviation of the logarithm of seconds: one in a hundred takes 16 times as long as the median."""
_ESTIMATE_ERROR: Final = 0.3
"""Standard deviation of the logarithm of the error of an estimate."""
_UNKNOWN_SHARE: Final = 0.05
_MARKED_SHARE: Final = 0.05
_WRITER_SHARE: Final = 0.2
_LANE_SHARE: Final = 0.02
_LONGEST_LANE: Final = 20
_CHECKS_A_RESOURCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A plan, and seconds by check index: what each check takes, and what the scheduler believes."""

    plan: Plan
    durations: Mapping[int, float]
    estimates: Mapping[int, float]


def draw_load(checks: int, *, median: float, seed: int) -> Load:
    """A load of that many checks, of which half take longer than `median` seconds; always the same for the same seed.

    Files of plain tests, and one in twenty checks that is marked: it reads or writes a resource. One in fifty begins a
    lane of tests that share a fixture.
    """
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    durations = {index: min(LONGEST, median * chance.lognormvariate(0.0, _SPREAD)) for index in range(checks)}
    estimates = {
        index: seconds * chance.lognormvariate(0.0, _ESTIMATE_ERROR)
        for index, seconds in durations.items()
        if chance.random() >= _UNKNOWN_SHARE
    }
    marked = {index for index in range(checks) if chance.random() < _MARKED_SHARE}
    plan = Plan(
        checks={index: _check(index, marked=index in marked) for index in range(checks)},
        lanes=_lanes(checks, marked, chance),
        locks={index: (_lock(checks, chance),) for index in sorted(marked)},
    )
    return Load(plan=plan, durations=durations, estimates=estimates)


def _check(index: int, *, marked: bool) -> Check:
    name = f"test_{index}"
    return Check(
        index=index, nodeid=f"tests/test_{index // CHECKS_A_FILE}.py::{name}", kind="test", name=name, marked=marked
    )


def _lanes(checks: int, marked: set[int], chance: random.Random) -> tuple[tuple[int, ...], ...]:
    cuts = [0]
    while cuts[-1] < checks:
        length = chance.randint(2, _LONGEST_LANE) if chance.random() < _LANE_SHARE else 1
        cuts.append(min(checks, cuts[-1] + length))
    plain = (tuple(index for index in range(*cut) if index not in marked) for cut in pairwise(cuts))
    return (*filter(None, plain), *((index,) for index in sorted(marked)))


def _lock(checks: int, chance: random.Random) -> Lock:
    resource = chance.randrange(max(1, checks // _CHECKS_A_RESOURCE))
    return Lock(f"resource{resource}", write=chance.random() < _WRITER_SHARE)
