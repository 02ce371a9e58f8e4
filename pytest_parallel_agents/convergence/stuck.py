"""Samples of stacks → samples of places: where a check that ran into its time limit did not come from.

The innermost frame of the project that has not returned all the while is the one that loops or waits, and what it calls
comes and goes. It counts twice and the innermost frame once: a loop also goes on because of what a call in it returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TypeAlias

from pytest_parallel_agents.convergence.evidence import Samples

Frames: TypeAlias = tuple[tuple[str, int], ...]
"""Paths and lines of the project's frames, innermost last."""


def stuck_samples(stacks: Mapping[Frames, int], lasting: int, is_test: Callable[[str], bool]) -> Samples:
    """Path: line: points. `lasting`: how many frames of each stack, from the first on, have not returned.

    Frames of tests count only where there are no others.
    """
    points: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for frames, times in stacks.items():
        for place, weight in ((_innermost(frames[:lasting], is_test), 2), (_innermost(frames, is_test), 1)):
            if place is not None:
                points[place[0]][place[1]] += weight * times
    return {path: dict(lines) for path, lines in points.items()}


def _innermost(frames: Frames, is_test: Callable[[str], bool]) -> tuple[str, int] | None:
    tested = [place for place in frames if not is_test(place[0])]
    found = tested or list(frames)
    return found[-1] if found else None
