"""Whether what commands judge has changed since they began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.file_types import files_of, is_of

_CLOCK_SECONDS: Final = 0.02
"""File systems take the time of a change from a clock that is as far behind."""

_BYTE_CODE: Final = "__pycache__"


class Staleness:
    """Looks at the files below `root` once, for all commands together."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changes: dict[tuple[Path, str], Sequence[tuple[str, float]]] = {}

    def is_stale(self, spec: CommandSpec, chosen: str | None, since: float) -> bool:
        """Whether a file that the command declares to read is new or has changed since this time of the system's clock.

        Of a command that declares none nothing is known.
        """
        folder = self._root / spec.folder(chosen)
        judged = self._changed(spec.targets(chosen), folder, since)
        read = self._changed(spec.reads, self._root, since)
        return any(is_of(file, spec.types, folder) for file in judged) or any(True for _ in read)

    def _changed(self, paths: Sequence[str], folder: Path, since: float) -> Iterator[str]:
        for path in paths:
            if (folder, path) not in self._changes:
                self._changes[folder, path] = list(_changes(path, folder))
            for file, changed in self._changes[folder, path]:
                if changed > since - _CLOCK_SECONDS and _BYTE_CODE not in file:
                    yield file


def _changes(path: str, folder: Path) -> Iterator[tuple[str, float]]:
    """Each file of a path, and when it last changed. A plain name of a resource has none."""
    for file in files_of((path,), (), folder):
        try:
            yield file, os.stat(os.path.join(folder, file)).st_ctime
        except OSError:
            continue
