"""The source files of the modules that a module imports, found without importing any.

Names are read from the lines at the left margin. What is missed is compiled when it is imported, as without us.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from typing import Final, NamedTuple

from pytest_parallel_agents.early_bound import os

_IMPORT: Final = re.compile(
    rb"^(?:from[ \t]+(?P<base>[.\w]+)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n;]*)|import[ \t]+(?P<modules>[^\n;]+))",
    re.MULTILINE,
)
_COMMENT: Final = re.compile(r"#[^\n]*")


class Found(NamedTuple):
    """`path` is that of the source, empty where there is none; `folders` are where submodules are."""

    path: str = ""
    folders: tuple[str, ...] = ()


def imported_names(source: bytes, package: str) -> Iterator[str]:
    """Names of modules, and of what may be modules, in the order of their import. `package` holds the importing one."""
    for match in _IMPORT.finditer(source):
        base, names, modules = ((text or b"").decode("ascii", "replace") for text in match.group(1, 2, 3))
        if modules:
            yield from _words(modules)
        elif absolute := _absolute(base, package):
            yield absolute
            yield from (f"{absolute}.{name}" for name in _words(names))


def _words(listed: str) -> Iterator[str]:
    """The first word of each of these, which are separated by commas."""
    bare = _COMMENT.sub("", listed).strip("() \t\r\n\\")
    yield from (words[0] for part in bare.split(",") if (words := part.split()))


def _absolute(name: str, package: str) -> str:
    """The absolute name; empty where there is none."""
    bare = name.lstrip(".")
    level = len(name) - len(bare)
    if not level:
        return bare
    parents = package.split(".")
    if not package or level > len(parents):
        return ""
    return ".".join((*parents[: len(parents) + 1 - level], *([bare] if bare else ())))


class Sources:
    """Finds the sources of modules that are not imported yet."""

    def __init__(self) -> None:
        self._found: dict[str, Found] = {}

    def of(self, name: str) -> Iterator[tuple[str, str]]:
        """Names and paths of the modules whose import this is: the packages around it, and it."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            prefix = ".".join(parts[:count])
            found = self._find(prefix)
            if not (found.path or found.folders):
                return
            if found.path and prefix not in sys.modules:
                yield prefix, found.path

    def _find(self, name: str) -> Found:
        if name not in self._found:
            package, _, last = name.rpartition(".")
            self._found[name] = _in_folders(self._find(package).folders, last) if package else _top(name)
        return self._found[name]


def _top(name: str) -> Found:
    """As Python finds it, which imports nothing."""
    try:
        spec = importlib.util.find_spec(name)
    except Exception:  # noqa: BLE001 - finders of plugins may raise anything
        return Found()
    if spec is None:
        return Found()
    origin = spec.origin or ""
    return Found(origin if origin.endswith(".py") else "", tuple(spec.submodule_search_locations or ()))


def _in_folders(folders: tuple[str, ...], name: str) -> Found:
    for folder in folders:
        package = os.path.join(folder, name)
        init = os.path.join(package, "__init__.py")
        if os.path.isfile(init):
            return Found(init, (package,))
        if os.path.isfile(f"{package}.py"):
            return Found(f"{package}.py")
        if os.path.isdir(package):
            return Found(folders=(package,))
    return Found()
