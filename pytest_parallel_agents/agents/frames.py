"""Where a failure passed through the project's code."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from pytest_parallel_agents.model import Frame
from pytest_parallel_agents.project_paths import project_place


def traceback_frames(error: BaseException, root: Path) -> tuple[Frame, ...]:
    """The entries of the error's traceback in files of the project, outermost first.

    A syntax error's last one is its own place, though nothing ran there.
    """
    lines = [(entry.tb_frame.f_code.co_filename, entry.tb_lineno) for entry in _entries(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        lines.append((error.filename, error.lineno))
    places = ((project_place(filename, root), line) for filename, line in lines)
    return tuple(Frame(path, line) for path, line in places if path is not None)


def _entries(traceback: TracebackType | None) -> list[TracebackType]:
    entries = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    return entries
