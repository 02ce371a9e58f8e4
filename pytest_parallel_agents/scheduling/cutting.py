"""Where to cut a stretch in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from pytest_parallel_agents.scheduling.granularity import BATCH_SECONDS
from pytest_parallel_agents.scheduling.stretches import Seam

NOT_WORTH_A_CUT = BATCH_SECONDS / 4
"""Seconds. A shorter rest of a file goes whole."""

_LONG_PART = 8
"""A part is long that takes more than one part in so many of what is to be cut."""


class Tail(NamedTuple):
    """A possible cut: behind how many checks, what begins there, and the seconds of what is cut off.

    `before` and `within` are the seconds after which the last long part would be over, of what is kept and of the tail.
    """

    place: int
    seam: Seam
    seconds: float
    before: float
    within: float


def best_cut(
    checks: Sequence[int],
    seconds: Sequence[float],
    seams: Mapping[int, Seam],
    *,
    busy: float,
    keeper: float = 1.0,
    taker: float = 1.0,
) -> int | None:
    """How many of the checks to keep so that both sides take about as long, and as little as possible is torn apart.

    `seconds` are those of each check, and `busy` those that the worker that keeps some has to work before. `keeper` and
    `taker` are the speeds of the two workers.
    None: no part begins here.
    """
    tails = _tails(checks, seconds, seams)
    if not tails:
        return None
    whole = sum(seconds)
    share = min(whole, (whole + busy) * taker / (keeper + taker))
    good = _in_time(tails, share, busy, keeper=keeper, taker=taker)
    files = [tail for tail in good if tail.seam is Seam.FILE]
    classes = [tail for tail in good if tail.seam is Seam.CLASS and whole / 4 <= tail.seconds <= whole * 3 / 4]
    if not files and whole < NOT_WORTH_A_CUT:
        return tails[0].place
    return min(files or classes or good, key=lambda tail: abs(tail.seconds - share)).place


def _in_time(tails: Sequence[Tail], share: float, busy: float, *, keeper: float, taker: float) -> Sequence[Tail]:
    """What is left of either side can be cut again, but not a long part: neither side may come to one too late."""

    def end(tail: Tail) -> float:
        return max(share / taker, (busy + tail.before) / keeper if tail.before else 0.0, tail.within / taker)

    earliest = min(map(end, tails))
    return [tail for tail in tails if end(tail) <= earliest + NOT_WORTH_A_CUT]


def _tails(checks: Sequence[int], seconds: Sequence[float], seams: Mapping[int, Seam]) -> list[Tail]:
    places = [place for place, check in enumerate(checks) if check in seams]
    sums = list(accumulate(seconds, initial=0.0))
    long = sums[-1] / _LONG_PART
    ends = [sums[end] if sums[end] - sums[start] > long else 0.0 for start, end in pairwise([*places, len(checks)])]
    last_before = accumulate(ends, max, initial=0.0)
    last = reversed(list(accumulate(reversed(ends), max)))
    return [
        Tail(place, seams[checks[place]], sums[-1] - sums[place], before, max(0.0, end - sums[place]))
        for place, before, end in zip(places, last_before, last, strict=False)
    ]
