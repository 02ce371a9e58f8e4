"""Paths as findings, frames and hot spots have them: relative to the root with `/`; absolute when outside."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LIBRARY_FOLDERS = frozenset({"site-packages", "dist-packages"})


def place(path: str | Path, root: Path) -> str:
    """`path` (absolute, or relative to `root`) seen from `root`. A root reached by a symbolic link is understood."""
    absolute = Path(os.path.normpath(root / path))
    for candidate, base in ((absolute, root), (absolute.resolve(), root.resolve())):
        if candidate.is_relative_to(base):
            return candidate.relative_to(base).as_posix()
    return absolute.as_posix()


def source(path: str, root: Path) -> str:
    """The text of the file at a place, its lines ended by line feeds; empty where there is no file to be read.

    Bytes that are not UTF-8 become replacement characters.
    """
    file = root / path
    try:
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    except OSError:
        return ""


def uri_to_path(uri: str) -> str:
    """The path that a `file:` URI or a relative URI reference names."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", "file"}:
        return uri
    path = unquote(parts.path)
    has_drive = path[:1] == "/" and path[2:3] == ":"
    return path[1:] if has_drive else path


@lru_cache(maxsize=4096)
def project_place(filename: str, root: Path) -> str | None:
    """The place of a source file of the project; None for libraries, virtual environments and what is elsewhere."""
    if not Path(filename).is_file():
        return None
    relative = Path(place(filename, root))
    if relative.is_absolute() or _LIBRARY_FOLDERS.intersection(relative.parts):
        return None
    return None if _environments(root) & _folders(root / relative) else relative.as_posix()


def _environments(root: Path) -> set[Path]:
    """Folders inside the root that hold a Python rather than the project's code."""
    return {prefix for prefix in (Path(sys.prefix), Path(sys.base_prefix)) if root in prefix.parents}


def _folders(path: Path) -> set[Path]:
    return set(path.parents)
