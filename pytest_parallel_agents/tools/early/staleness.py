"""Whether what commands judge has changed since they began."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from pytest_parallel_agents.early_bound import os, time
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.file_types import is_of

_CLOCK_SECONDS: Final = 0.02
"""File systems take the time of a change from a clock that is as far behind."""

_SETTINGS: Final = (".*", "*.toml", "*.ini", "*.cfg", "*.json", "*.yaml", "*.yml", "*.config.*", "*rc")
"""Types of the files in which known tools look for their settings."""

_KEPT: Final = frozenset({".git", ".hg", ".svn", ".hypothesis", ".benchmarks", ".tox", ".nox", "node_modules"})
"""Folders of what programs keep for themselves, beside those that are named like caches."""

_BETWEEN_NAMES: Final = re.compile(r"[\s=,:;&|()<>'\"`]+")
"""In a script for a shell, a list of folders, or an option with its value."""

_Stamp = tuple[float, ...]


class _Place(NamedTuple):
    """A path from a folder: all files below it, or those that lie in it."""

    folder: Path
    path: str
    is_deep: bool = True


_Watched = tuple[_Place, Sequence[str]]
"""A place, and the types of the files that count there."""


class Staleness:
    """Looks at the files below `root` twice, before commands begin and afterwards, for all commands together."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._before: dict[_Place, Mapping[str, _Stamp | None]] = {}
        self._after: dict[_Place, Mapping[str, _Stamp | None]] = {}
        self._looked_at: dict[tuple[str, str | None], list[_Watched]] = {}

    def is_declared(self, spec: CommandSpec, chosen: str | None) -> bool:
        """Whether it is known at all what the command judges or reads."""
        return bool(self._judged(spec, chosen) or spec.reads)

    def look(self, spec: CommandSpec, chosen: str | None) -> None:
        """Remembers which files there are. To be called before the command begins."""
        watched = self._looked_at[spec.name, chosen] = list(self._watched(spec, chosen))
        for place, _ in watched:
            if place not in self._before:
                self._before[place] = _stamps(place)

    def is_stale(self, spec: CommandSpec, chosen: str | None) -> bool:
        """Whether a file that it judges, declares to read, names, or may be set by is new, has changed or is gone."""
        watched = (*self._looked_at[spec.name, chosen], *self._watched(spec, chosen))
        return any(is_of(file, types, place.folder) for place, types in watched for file in self._changed(place))

    def _watched(self, spec: CommandSpec, chosen: str | None) -> Iterator[_Watched]:
        """A known tool looks for settings in its folder and those around it. One that must see the whole project
        follows imports.
        """
        folder = self._root / spec.folder(chosen)
        types = (*spec.types, *_SETTINGS) if spec.types else ()
        for path in self._judged(spec, chosen):
            yield _Place(folder, path), types
        for path in spec.reads:
            yield _Place(self._root, path), ()
        for word in self._existing(spec, chosen, folder):
            yield _Place(folder, word), ()
        if spec.adapter is not None:
            for around in self._around(folder):
                yield _Place(around, ".", is_deep=False), _SETTINGS
            if types and spec.adapter.file_args is None:
                yield _Place(self._root, "."), types

    def _judged(self, spec: CommandSpec, chosen: str | None) -> list[str]:
        """Paths from its folder. A known tool without paths judges that folder, and an input may be a path."""
        if spec.adapter is not None:
            return [*spec.targets(chosen)] or ["."]
        folder = self._root / spec.folder(chosen)
        return [*spec.targets(chosen), *([chosen] if chosen and self._is_place(folder, chosen) else [])]

    def _existing(self, spec: CommandSpec, chosen: str | None, folder: Path) -> Iterator[str]:
        """The paths in its words and variables, such as settings, a script, or the module that Python runs."""
        words = [spec.filled(word, chosen) for word in (*spec.command, *spec.args)]
        values = [spec.filled(value, chosen) for value in spec.env.values()]
        named = [name for text in (*words, *values) for name in (text, *_BETWEEN_NAMES.split(text))]
        modules = [module.partition(".")[0] for option, module in pairwise(words) if option == "-m"]
        for path in (*named, *modules, *(f"{module}.py" for module in modules)):
            if self._is_place(folder, path):
                yield path

    def _is_place(self, folder: Path, path: str) -> bool:
        """Whether it is a file, or a folder of the project: what others are may be all that the machine has."""
        root, place = str(self._root), os.path.normpath(os.path.join(folder, path))
        is_inside = os.path.isdir(place) and os.path.commonpath((root, place)) == root
        return bool(path) and (is_inside or os.path.isfile(place))

    def _around(self, folder: Path) -> Iterator[Path]:
        """The folder, and those around it up to the root."""
        yield folder
        yield from (around for around in folder.parents if around.is_relative_to(self._root))

    def _changed(self, place: _Place) -> Iterator[str]:
        if place not in self._after:
            self._after[place] = _stamps(place)
        before, after = self._before.get(place, {}), self._after[place]
        for file in before.keys() | after.keys():
            stamp = before.get(file)
            if stamp is None or stamp != after.get(file):
                yield file


def _stamps(place: _Place) -> Mapping[str, _Stamp | None]:
    """What changes with each file at a place. None where the file system cannot tell a further change from the last."""
    found: dict[str, _Stamp | None] = {}
    now = time.time()
    for file in _files(place):
        with suppress(OSError):
            status = os.stat(file)
            stamp = status.st_ctime, status.st_mtime, status.st_size, status.st_ino, status.st_dev
            found[file] = stamp if status.st_ctime < now - _CLOCK_SECONDS else None
    return found


def _files(place: _Place) -> Iterator[str]:
    """Absolute paths. Where there is no folder that of the place itself: a plain name of a resource is no file."""
    top = os.path.normpath(os.path.join(place.folder, place.path))
    if not os.path.isdir(top):
        yield top
    for folder, folders, files in os.walk(top):
        yield from (os.path.join(folder, name) for name in files if not name.endswith("cache"))
        folders[:] = [name for name in folders if place.is_deep and not _is_passed_over(folder, name)]


def _is_passed_over(folder: str, name: str) -> bool:
    is_environment = os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
    return name in _KEPT or name.rstrip("_").endswith("cache") or is_environment
