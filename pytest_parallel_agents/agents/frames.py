"""Where a failure passed through the project's code."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from pytest_parallel_agents.agents.places import project_place
from pytest_parallel_agents.model import Frame


def traceback_frames(error: BaseException, root: Path) -> tuple[Frame, ...]:
    """The entries of the error's traceback in files of the project, outermost first."""
    entries = _entries(error.__traceback__)
    places = ((project_place(entry.tb_frame.f_code.co_filename, root), entry.tb_lineno) for entry in entries)
    return tuple(Frame(path, line) for path, line in places if path is not None)


def _entries(traceback: TracebackType | None) -> list[TracebackType]:
    entries = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    return entries
