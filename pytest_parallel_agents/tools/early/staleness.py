"""Whether what a command judges has changed since it began."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.file_types import files_of

_CLOCK_SECONDS: Final = 0.02
"""File systems take the time of a change from a clock that is as far behind."""

_BYTE_CODE: Final = "__pycache__"


def is_stale(spec: CommandSpec, chosen: str | None, root: Path, since: float) -> bool:
    """Whether a file that it declares to read has changed since this time of the system's clock, or is new.

    Of a command that declares none nothing is known.
    """
    folder = root / spec.folder(chosen)
    judged = (os.path.join(folder, file) for file in files_of(spec.targets(chosen), spec.types, folder))
    read = (os.path.join(root, file) for file in files_of(spec.reads, (), root))
    return any(changed > since - _CLOCK_SECONDS for changed in _changes(chain(judged, read)))


def _changes(files: Iterator[str]) -> Iterator[float]:
    for file in files:
        if _BYTE_CODE not in file:
            try:
                yield os.stat(file).st_ctime
            except OSError:  # a plain name, or a file that is gone
                continue
