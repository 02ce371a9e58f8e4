"""Where a failure passed through the project's code."""

from __future__ import annotations

from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, NamedTuple

from pytest_parallel_agents.model import Frame
from pytest_parallel_agents.project_paths import project_place

MOST_CAUGHT: Final = 10
"""Exceptions that are followed from the one that was raised last to the one that was raised first."""


class _Entry(NamedTuple):
    frame: FrameType
    place: Frame


def traceback_frames(error: BaseException, root: Path) -> tuple[Frame, ...]:
    """The entries of the error's traceback in files of the project, outermost first.

    Where the innermost one had caught another error, and raised this one instead, the entries of the other follow: the
    fault is below. A syntax error's last one is where it stands, though nothing ran there.
    """
    entries = _entries(error, root)
    caught = error
    for _ in range(MOST_CAUGHT):
        caught_before = caught.__cause__ or caught.__context__
        if caught_before is None or not entries:
            break
        caught = caught_before
        below = _entries(caught, root)
        if below and below[0].frame is entries[-1].frame:
            entries += below
    return (*(entry.place for entry in entries), *_of_syntax(error, root))


def _entries(error: BaseException, root: Path) -> list[_Entry]:
    entries = []
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        path = project_place(traceback.tb_frame.f_code.co_filename, root)
        if path is not None:
            entries.append(_Entry(traceback.tb_frame, Frame(path, traceback.tb_lineno)))
        traceback = traceback.tb_next
    return entries


def _of_syntax(error: BaseException, root: Path) -> tuple[Frame, ...]:
    if not isinstance(error, SyntaxError) or not error.filename or not error.lineno:
        return ()
    path = project_place(error.filename, root)
    return () if path is None else (Frame(path, error.lineno),)
