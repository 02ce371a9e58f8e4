"""Where tools keep what they cache from run to run: a folder that only this user can write."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

import pytest

from pytest_parallel_agents.private_folders import is_private


def cache_folder(config: pytest.Config, scratch: Path) -> Path:
    """The folder for the caches of this project's tools: below `scratch`, and they keep nothing, when there is no
    other.
    """
    return lasting_folder(config) or scratch / "cache"


def lasting_folder(config: pytest.Config) -> Path | None:
    """The folder for what is kept from run to run. None when no place is safe.

    It is in pytest's cache; with `-p no:cacheprovider`, or in a project that cannot be written, in the folder for
    temporary files.
    """
    return _in_pytest_cache(config) or _in_temporary_folder(config.rootpath)


def lasting_folders(root: Path, cache: Path) -> list[Path]:
    """Where runs at this root may have kept something, for a reader that knows pytest's cache folder but no options."""
    private = _temporary_place(root)
    return [cache / "d" / "parallel-agents", *([private] if is_private(private.parent) and is_private(private) else [])]


def _in_pytest_cache(config: pytest.Config) -> Path | None:
    cache = getattr(config, "cache", None)
    if cache is None:
        return None
    try:
        folder = Path(cache.mkdir("parallel-agents"))
    except OSError:
        return None  # pytest's own cache warns of it
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _in_temporary_folder(root: Path) -> Path | None:
    """The folder of this user and project, unless another user has made it before.

    The name can be guessed, and every user may make files beside it: a tool would follow another user's link.
    """
    folder = _temporary_place(root)
    return folder if _made_private(folder.parent) and _made_private(folder) else None


def _temporary_place(root: Path) -> Path:
    ours = Path(tempfile.gettempdir()) / f"pytest-parallel-agents-{_user()}"
    return ours / hashlib.sha1(os.fsencode(root), usedforsecurity=False).hexdigest()[:16]


def _made_private(folder: Path) -> bool:
    try:
        folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    except OSError:
        return False
    return is_private(folder)


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"
