"""Whether what commands judge has changed since they began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.file_types import files_of, is_of

_CLOCK_SECONDS: Final = 0.02
"""File systems take the time of a change from a clock that is as far behind."""

_BYTE_CODE: Final = "__pycache__"

_Place = tuple[Path, str]
"""A folder, and a path from there."""


class Staleness:
    """Looks at the files below `root` twice, before commands begin and afterwards, for all commands together."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._before: dict[_Place, Mapping[str, float]] = {}
        self._after: dict[_Place, Mapping[str, float]] = {}

    def is_declared(self, spec: CommandSpec, chosen: str | None) -> bool:
        """Whether it is known at all what the command judges or reads."""
        return bool(self._judged(spec, chosen) or spec.reads)

    def look(self, spec: CommandSpec, chosen: str | None) -> None:
        """Remembers which files there are. To be called before the command begins."""
        for place in (*self._judged(spec, chosen), *self._read(spec, chosen)):
            if place not in self._before:
                self._before[place] = _changes(place)

    def is_stale(self, spec: CommandSpec, chosen: str | None, since: float) -> bool:
        """Whether a file that the command names, or declares to judge or to read, is new, has changed or is gone since
        this time of the system's clock.
        """
        folder = self._root / spec.folder(chosen)
        judged = self._changed(self._judged(spec, chosen), since)
        read = self._changed(self._read(spec, chosen), since)
        return any(is_of(file, spec.types, folder) for file in judged) or any(True for _ in read)

    def _judged(self, spec: CommandSpec, chosen: str | None) -> list[_Place]:
        """A known tool without paths judges its folder, and an input may be a path."""
        folder = self._root / spec.folder(chosen)
        inputs = () if chosen is None or spec.adapter is not None else self._existing((chosen,), folder)
        paths = (*spec.targets(chosen), *inputs) or ((".",) if spec.adapter is not None else ())
        return [(folder, path) for path in paths]

    def _read(self, spec: CommandSpec, chosen: str | None) -> list[_Place]:
        """What it declares to read, and the paths among its words: settings, or a script."""
        folder = self._root / spec.folder(chosen)
        words = self._existing((spec.filled(word, chosen) for word in (*spec.command, *spec.args)), folder)
        return [*((self._root, path) for path in spec.reads), *((folder, word) for word in words)]

    def _existing(self, words: Iterable[str], folder: Path) -> tuple[str, ...]:
        """Those that are files, or folders of the project: what others are may be all that the machine has."""
        return tuple(word for word in words if self._is_place(os.path.normpath(os.path.join(folder, word))))

    def _is_place(self, path: str) -> bool:
        root = str(self._root)
        return os.path.isfile(path) or (os.path.isdir(path) and os.path.commonpath((root, path)) == root)

    def _changed(self, places: Iterable[_Place], since: float) -> Iterator[str]:
        for place in places:
            if place not in self._after:
                self._after[place] = _changes(place)
            now = self._after[place]
            changed = (file for file, changed in now.items() if changed > since - _CLOCK_SECONDS)
            gone = self._before.get(place, {}).keys() - now.keys()
            yield from (file for file in (*changed, *gone) if _BYTE_CODE not in file)


def _changes(place: _Place) -> dict[str, float]:
    """When each file of a path has last changed. A plain name of a resource has none."""
    folder, path = place
    found = {}
    for file in files_of((path,), (), folder):
        with suppress(OSError):
            found[file] = os.stat(os.path.join(folder, file)).st_ctime
    return found
