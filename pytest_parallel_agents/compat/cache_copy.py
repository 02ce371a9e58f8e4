"""A copy of the values in pytest's cache, from which every fresh interpreter of a run selects and sorts its tests.

`--lf`, `--ff`, `--nf`, `--sw` and plugins decide by them. The cache itself changes while the run goes on: tests may
write to it, another run may end, and an interpreter that replaces a lost one starts late.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

_VALUES: Final = "v"


def copy_cache(config: pytest.Config, folder: Path) -> None:
    """Copies the values to `folder`, as far as they can be read. Without a cache there is nothing to copy."""
    cache: Any = getattr(config, "cache", None)
    if cache is not None:
        with contextlib.suppress(OSError):  # `shutil.Error` too: another run may remove what it lists
            shutil.copytree(cache._cachedir / _VALUES, folder)  # noqa: SLF001


class CopiedCache:
    """Lets caches of this process read from the copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._get = pytest.Cache.get

    def begin(self) -> None:
        folder = self._folder

        def get(_cache: pytest.Cache, key: str, default: Any) -> Any:
            try:
                return json.loads((folder / key).read_text("utf-8"))
            except (ValueError, OSError):
                return default

        pytest.Cache.get = get  # type: ignore[method-assign, assignment]

    def end(self) -> None:
        pytest.Cache.get = self._get  # type: ignore[method-assign]
