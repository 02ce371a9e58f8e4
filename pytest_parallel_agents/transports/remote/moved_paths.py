"""Paths of the project, on a machine where it is in another folder."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path


class MovedPaths:
    """Paths below `root` here become paths below `there`."""

    def __init__(self, root: Path, there: str) -> None:
        self._root = root
        self._there = there
        before, after = r"(?<![^\s=:,;'\"])", rf"(?=$|[\s{re.escape(os.sep)}:,;'\"])"
        self._pattern = re.compile(before + re.escape(str(root)) + after)

    def text(self, text: str) -> str:
        """A text, such as an argument, with the paths in it replaced."""
        return self._pattern.sub(lambda _: self._there, text)

    def search_path(self, entries: Iterable[str]) -> list[str]:
        """The entries of a module search path that belong to the project and not to the interpreter here."""
        return [self.text(entry) for entry in entries if self._is_of_project(Path(entry))]

    def _is_of_project(self, entry: Path) -> bool:
        installed = any(entry.is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix))
        return entry.is_relative_to(self._root) and not installed
