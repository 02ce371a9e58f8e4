"""The modules that a collection is going to import, in about that order. Nothing but speed depends on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_parallel_agents.collection.expected_files import Selection, expected_files
from pytest_parallel_agents.collection.imported import Sources, imported_names
from pytest_parallel_agents.compat.prepared_code import has_byte_code
from pytest_parallel_agents.early_bound import os

INIT = "__init__"


class Module(NamedTuple):
    """A module's name and the absolute path of its source."""

    name: str
    path: str


class Expected(NamedTuple):
    """Modules without byte code, in about the order of their import, and the folders of packages that have it."""

    modules: list[Module]
    packages: list[str]


def expected_imports(selection: Selection, search_path: Sequence[str]) -> Expected:
    """The test modules and conftests, the packages around them, and the modules that they import, each once.

    What modules with byte code import is left out. `search_path` comes before `sys.path`, which this process must have
    for itself: pytest's additions are made to it.
    """
    walk = _Walk()
    modules: list[Module] = []
    sys.path[:0] = search_path
    for path in expected_files(selection):
        folder, module = _package(path)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        modules.extend(walk.imported(module, path))
    return Expected(modules, walk.packages)


def _package(path: str) -> tuple[str, str]:
    """The folder from which pytest imports this file, and its name there."""
    folder, file = os.path.split(path)
    parts = [] if file == f"{INIT}.py" else [file.removesuffix(".py")]
    while os.path.isfile(os.path.join(folder, f"{INIT}.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    return folder, ".".join(parts)


class _Walk:
    def __init__(self) -> None:
        self._sources = Sources()
        self._seen: set[str] = set()
        self.packages: list[str] = []

    def imported(self, name: str, path: str) -> Iterator[Module]:
        """The module at this path, which is collected, the packages around it, and what they import."""
        package = name.rpartition(".")[0]
        found = [each for each in self._sources.of(package) if each[1] != path] if package else []
        yield from self._all([*found, (name, path)], collected=path)

    def _all(self, modules: Sequence[tuple[str, str]], collected: str = "") -> Iterator[Module]:
        left = list(reversed(modules))  # a stack: chains of imports are longer than that of calls may be
        while left:
            name, path = left.pop()
            if path in self._seen:
                continue
            self._seen.add(path)
            if path != collected and has_byte_code(path):
                if path.endswith(f"{INIT}.py") and "." not in name:
                    self.packages.append(os.path.dirname(path))
                continue
            yield Module(name, path)
            left.extend(reversed(list(self._imports(name, path))))

    def _imports(self, name: str, path: str) -> Iterator[tuple[str, str]]:
        package = name if os.path.basename(path) == f"{INIT}.py" else name.rpartition(".")[0]
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - hundreds of files
                source = file.read()
        except OSError:
            return
        for imported in imported_names(source, package):
            yield from self._sources.of(imported)
