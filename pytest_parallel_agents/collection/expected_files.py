"""The files that pytest is going to collect tests from, as far as they are known before conftests are loaded.

A conftest or a plugin may make it other files. So nothing but speed may depend on this.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Final

import msgspec

from pytest_parallel_agents.early_bound import os

CONFTEST: Final = "conftest.py"


class Selection(msgspec.Struct, frozen=True):
    """What pytest is asked to collect. All paths are absolute.

    `patterns` are those of test files, and `pruned` those of folders that are not entered. `ignored` are paths and
    `ignored_globs` patterns of paths. With `environments` virtual environments are entered. With `every` all Python
    files are collected, as for doctests. Conftests count from `root` on.
    """

    paths: tuple[str, ...]
    root: str
    patterns: tuple[str, ...]
    pruned: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    ignored_globs: tuple[str, ...] = ()
    environments: bool = False
    every: bool = False


def expected_files(selection: Selection) -> Iterator[str]:
    """Absolute paths, in the order in which pytest imports them. The conftest of a folder comes before its files."""
    seen: set[str] = set()
    for path in selection.paths:
        for file in (*_conftests_above(path, selection.root), *_below(path, selection)):
            if file not in seen:
                seen.add(file)
                yield file


def _conftests_above(path: str, root: str) -> list[str]:
    found: list[str] = []
    folder = os.path.dirname(path)
    while os.path.commonpath((folder, root)) == root:
        found.append(os.path.join(folder, CONFTEST))
        if folder == root:
            break
        folder = os.path.dirname(folder)
    return [conftest for conftest in reversed(found) if os.path.isfile(conftest)]


def _below(path: str, selection: Selection) -> Iterator[str]:
    if not os.path.isdir(path):
        if path.endswith(".py"):
            yield path
        return
    try:
        entries = sorted(os.scandir(path), key=lambda entry: (entry.name != CONFTEST, entry.name))
    except OSError:  # which pytest reports
        return
    for entry in entries:
        if _is_ignored(entry.path, selection):
            continue
        if entry.is_dir():
            if not _is_pruned(entry.path, selection):
                yield from _below(entry.path, selection)
        elif entry.name == CONFTEST or _is_collected(entry.path, selection):
            yield entry.path


def _is_collected(path: str, selection: Selection) -> bool:
    return path.endswith(".py") and (selection.every or any(_matches(path, each) for each in selection.patterns))


def _is_ignored(path: str, selection: Selection) -> bool:
    return path in selection.ignored or any(fnmatch(path, each) for each in selection.ignored_globs)


def _is_pruned(folder: str, selection: Selection) -> bool:
    if os.path.basename(folder) == "__pycache__" or any(_matches(folder, each) for each in selection.pruned):
        return True
    return not selection.environments and os.path.exists(os.path.join(folder, "pyvenv.cfg"))


def _matches(path: str, pattern: str) -> bool:
    """As pytest matches: by the name alone, unless the pattern has folders."""
    if os.sep not in pattern:
        return fnmatch(os.path.basename(path), pattern)
    return fnmatch(path, pattern if os.path.isabs(pattern) else f"*{os.sep}{pattern}")
