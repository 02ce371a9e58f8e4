"""Where a failure passed through the project's code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, NamedTuple

import pluggy

from pytest_parallel_agents.model.results import Frame
from pytest_parallel_agents.project_paths import project_place

MOST_CAUGHT: Final = 10
"""Exceptions that are followed from the one that was raised last to the one that was raised first."""


_PLUGGY: Final = str(Path(pluggy.__file__).parent)
"""What calls implementations of hooks."""


class _Entry(NamedTuple):
    frame: FrameType
    place: Frame
    is_hook: bool = False


def traceback_frames(error: BaseException, root: Path) -> tuple[Frame, ...]:
    """The entries of the error's traceback in files of the project, outermost first.

    Hooks that only had pytest go on are left out: they stand around the test, as the project of a plugin has them.
    Where the innermost one had caught another error, and raised this one instead, the entries of the other follow: the
    fault is below. Of a group of errors those of the first one follow. A syntax error's last entry is its own
    place, though nothing ran there.
    """
    entries = _entries(error, root)
    for caught in _caught(error):
        below = _entries(caught, root)
        if below and entries and below[0].frame is entries[-1].frame:
            entries += below
    if not all(entry.is_hook for entry in entries):
        entries = [entry for entry in entries if not entry.is_hook]
    return (*(entry.place for entry in entries), *_of_syntax(error, root))


def _caught(error: BaseException) -> Iterator[BaseException]:
    """The errors that were caught before it, from the one that was raised last to the one that was raised first."""
    before = error.__cause__ or error.__context__
    for _ in range(MOST_CAUGHT):
        if before is None:
            return
        yield before
        before = before.__cause__ or before.__context__


def _entries(error: BaseException, root: Path) -> list[_Entry]:
    entries = []
    traceback: TracebackType | None = error.__traceback__
    caller = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        path = project_place(file, root)
        if path is not None:
            entries.append(
                _Entry(traceback.tb_frame, Frame(path, traceback.tb_lineno), is_hook=caller.startswith(_PLUGGY))
            )
        traceback, caller = traceback.tb_next, file
    if isinstance(error, BaseExceptionGroup):
        entries += _entries(error.exceptions[0], root)
    return entries


def _of_syntax(error: BaseException, root: Path) -> tuple[Frame, ...]:
    if not isinstance(error, SyntaxError) or not error.filename or not error.lineno:
        return ()
    path = project_place(error.filename, root)
    return () if path is None else (Frame(path, error.lineno),)
