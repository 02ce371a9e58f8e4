"""Paths as findings, frames and hot spots have them: relative to the root with `/`; absolute when outside.

They are computed between tests, which may have replaced the methods of `pathlib`.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from os import PathLike
from typing import TYPE_CHECKING

from pytest_parallel_agents.early_bound import builtins, io, os

if TYPE_CHECKING:
    from pathlib import Path

__builtins__ = builtins

_LIBRARY_FOLDERS = frozenset({"site-packages", "dist-packages"})


def place(path: str | PathLike[str], root: Path) -> str:
    """`path` (absolute, or relative to `root`) as seen from `root`, which may be reached by a symbolic link.

    Raises ValueError for an impossible path.
    """
    base, absolute = os.fspath(root), os.path.normpath(os.path.join(root, path))
    if "\0" in absolute:
        raise ValueError(f"a path holds no null character: {absolute!r}")
    relative = _below(base, absolute) or _below(os.path.realpath(base), os.path.realpath(absolute))
    return (relative or absolute).replace(os.sep, "/")


def source(path: str, root: Path) -> str:
    """The text of the file at a place, its lines ended by line feeds; empty where there is no file to read.

    Bytes that are not UTF-8 become replacement characters.
    """
    file = os.path.join(root, path)
    if not os.path.isfile(file):
        return ""
    try:
        with io.open(file, encoding="utf-8", errors="replace") as text:
            return text.read()
    except OSError:
        return ""


@lru_cache(maxsize=4096)
def project_place(filename: str, root: Path) -> str | None:
    """The place of a source file of the project; None for libraries, virtual environments and other places."""
    if not os.path.isfile(filename):
        return None
    relative = place(filename, root)
    if os.path.isabs(relative) or _LIBRARY_FOLDERS.intersection(relative.split("/")):
        return None
    file = os.path.join(root, relative)
    return None if any(_below(environment, file) for environment in _environments(os.fspath(root))) else relative


def _environments(root: str) -> list[str]:
    """Folders inside the root that hold a Python rather than the project's code."""
    return [prefix for prefix in (sys.prefix, sys.base_prefix) if _below(root, prefix) not in (None, ".")]


def _below(folder: str, path: str) -> str | None:
    """The path seen from the folder, with the system's separators; None if it is not below it."""
    prefix = os.path.join(folder, "")
    if os.path.normcase(path).startswith(os.path.normcase(prefix)):
        return path[len(prefix) :]
    return "." if os.path.normcase(path) == os.path.normcase(folder) else None
