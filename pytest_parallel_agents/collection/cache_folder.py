"""Where tools keep what they cache from run to run: a folder that only this user can write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_parallel_agents.private_folders import is_safe, made_safe, private_folder


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
    return in_pytest_cache(config) or _in_temporary_folder(config.rootpath)


def lasting_folders(root: Path, cache: Path) -> list[Path]:
    """Where runs at this root may have kept something, for a reader that knows pytest's cache folder but no options."""
    private = private_folder(root)
    return [cache / "d" / "parallel-agents", *([private] if is_safe(private) else [])]


def in_pytest_cache(config: pytest.Config) -> Path | None:
    """The folder in pytest's cache; None without one that can be written."""
    cache = getattr(config, "cache", None)
    if cache is None:
        return None
    try:
        folder = Path(cache.mkdir("parallel-agents"))
    except OSError:
        return None  # pytest's own cache warns of it
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _in_temporary_folder(root: Path) -> Path | None:
    folder = private_folder(root)
    return folder if made_safe(folder) else None
