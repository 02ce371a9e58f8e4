"""Where a thread stands, again and again: a single stack does not tell a loop from what it calls."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Final, TypeAlias

import msgspec

from pytest_parallel_agents.early_bound import builtins, time

__builtins__ = builtins

MOST_SAMPLES: Final = 200
SHORTEST_PAUSE: Final = 0.002
MOST_FRAMES: Final = 50
"""Of the project, in one sample: the outermost ones, among which is the one that does not return."""

Frames: TypeAlias = tuple[tuple[str, int], ...]
"""Paths and lines of the project's frames, innermost last."""


class StackSamples(msgspec.Struct, frozen=True):
    """How often the thread stood where. The first `lasting` frames did not return from the first sample to the last."""

    stacks: Mapping[Frames, int]
    lasting: int


def sample_stacks(
    thread: int, seconds: float, place: Callable[[str], str | None], goes_on: Callable[[], bool]
) -> StackSamples | None:
    """Samples of a thread in so many seconds; None if what it does ends before.

    `place` is the path of a project's file, by its name, and None for other files.
    """
    stacks: Counter[Frames] = Counter()
    lasting: list[FrameType] | None = None
    until = time.monotonic() + seconds
    while goes_on():
        frames, places = _look(thread, place)
        stacks[places] += 1
        lasting = frames if lasting is None else _common(lasting, frames)
        del frames  # a frame that has returned must not live longer than without us
        if time.monotonic() >= until:
            return StackSamples(stacks, len(lasting))
        time.sleep(max(SHORTEST_PAUSE, seconds / MOST_SAMPLES))
    return None


def _look(thread: int, place: Callable[[str], str | None]) -> tuple[list[FrameType], Frames]:
    found: list[tuple[FrameType, str]] = []
    frame = sys._current_frames().get(thread)  # noqa: SLF001
    while frame is not None:
        path = place(frame.f_code.co_filename)
        if path is not None:
            found.append((frame, path))
        frame = frame.f_back
    kept = found[::-1][:MOST_FRAMES]
    return [frame for frame, _ in kept], tuple((path, frame.f_lineno) for frame, path in kept)


def _common(before: Sequence[FrameType], now: Sequence[FrameType]) -> list[FrameType]:
    """The frames at the beginning that are the same ones, not only of the same functions."""
    same = 0
    for one, other in zip(before, now, strict=False):
        if one is not other:
            break
        same += 1
    return list(before[:same])
