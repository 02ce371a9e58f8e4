"""The files that a tool judges, by their names or by the interpreter in their first line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from pytest_parallel_agents.early_bound import io, os

if TYPE_CHECKING:
    from pathlib import Path

_INTERPRETER: Final = "#!"
_SHEBANG: Final = re.compile(rb"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+)*)?(?:\S*/)?(?P<name>[\w.-]+)")
_FOREIGN: Final = frozenset({"node_modules"})


def is_of(path: str, types: Sequence[str], root: Path) -> bool:
    """Whether a file is of one of the types: patterns of its name, or of its path if they have a slash.

    `#!bash` is a script for bash whose name has no suffix. Without types every file is.
    """
    name = path.rpartition("/")[2]
    if not types or any(fnmatchcase(path if "/" in pattern else name, pattern) for pattern in types):
        return True
    wanted = {kind.removeprefix(_INTERPRETER) for kind in types if kind.startswith(_INTERPRETER)}
    return bool(wanted) and "." not in name and _interpreter(os.path.join(root, path)) in wanted


def files_of(paths: Sequence[str], types: Sequence[str], root: Path) -> Iterator[str]:
    """The files among the paths, and those of the types in the folders among them, in order.

    Hidden files below such a folder, virtual environments and packages of others are left out.
    """
    for path in paths:
        if os.path.isdir(os.path.join(root, path)):
            yield from (file for file in _walk(path, root) if is_of(file, types, root))
        else:
            yield path


def _walk(path: str, root: Path) -> Iterator[str]:
    top = os.path.join(root, path)
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not _is_foreign(folder, name))
        below = os.path.relpath(folder, top).replace(os.sep, "/")
        parts = [part for part in (path.rstrip("/"), below) if part != "."]
        yield from ("/".join([*parts, name]) for name in sorted(files))


def _is_foreign(folder: str, name: str) -> bool:
    environment = os.path.join(folder, name, "pyvenv.cfg")
    return name.startswith(".") or name in _FOREIGN or os.path.exists(environment)


def _interpreter(file: str) -> str:
    """The name of the program in the first line; empty if there is none or the file cannot be read."""
    try:
        with io.open(file, "rb") as content:
            shebang = _SHEBANG.match(content.readline(256))
    except OSError:
        return ""
    return shebang["name"].decode(errors="replace") if shebang else ""
