"""Faults that somebody else has described, such as bugs of real projects in the tree that had them.

A recipe is a TOML or JSON file with a list `bugs`. In TOML:

    [[bugs]]
    name = "parser-17"
    tree = "trees/parser-17"                       # the faulty sources and their tests, beside the recipe
    failing = ["tests/test_scan.py::test_empty"]   # node ids of the tests that fail because of it
    group = "parser"                               # the project; without it every bug is a group of its own
    python = "venvs/parser/bin/python"             # has the project's dependencies and this one; default: this Python
    imports = ["src"]                              # folders below the tree that come first in the search path
    arguments = ["tests"]                          # for pytest

    [[bugs.changes]]                               # one for each place that the mending changed
    path = "src/parser/scan.py"
    lines = [41, 42]                               # in the faulty text; any of them counts as that place
    function = "Scanner.next"                      # default: the innermost function at the first of the lines

Where the mending only adds code, `lines` are those of the statements around the gap.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from benchmarks.localization.faults import Change, Fault, Function
from benchmarks.localization.trials import Tree, Trial
from pytest_parallel_agents.convergence.functions import Entities


class RecipeError(Exception):
    """What is wrong with a recipe, one line for each fault: the file, the key, and what to do."""


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    lines: Annotated[frozenset[Annotated[int, Meta(ge=1)]], Meta(min_length=1)]
    function: str = ""


class _Bug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    tree: str
    failing: Annotated[frozenset[str], Meta(min_length=1)]
    changes: Annotated[tuple[_Change, ...], Meta(min_length=1)]
    group: str = ""
    python: str = ""
    imports: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


class _Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bugs: tuple[_Bug, ...]


def read_recipes(file: Path) -> list[Trial]:
    """The trials of all bugs of a file. Raises RecipeError, OSError."""
    decode = msgspec.json.decode if file.suffix == ".json" else msgspec.toml.decode
    try:
        recipe = decode(file.read_bytes(), type=_Recipe)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{file}: {error}; see the docstring of {__name__}") from None
    if faults := [f"{file}: {fault}" for bug in recipe.bugs for fault in _faults(bug, file.parent)]:
        raise RecipeError("\n".join(faults))
    return [_trial(bug, file.parent) for bug in recipe.bugs]


def _faults(bug: _Bug, home: Path) -> Iterator[str]:
    tree = home / bug.tree
    if not tree.is_dir():
        yield f"{bug.name}: tree: there is no folder {tree}; paths are relative to the recipe"
        return
    if bug.python and not (home / bug.python).exists():
        yield f"{bug.name}: python: there is no {home / bug.python}; make it, or leave the key out"
    for change in bug.changes:
        file = tree / change.path
        if not file.is_file():
            yield f"{bug.name}: changes: there is no file {file}; paths are relative to the tree"
        elif (last := file.read_bytes().count(b"\n") + 1) < max(change.lines):
            last_asked = max(change.lines)
            yield f"{bug.name}: changes: {change.path} has {last} lines, not {last_asked}; count in the faulty text"


def _trial(bug: _Bug, home: Path) -> Trial:
    tree = home / bug.tree
    python = home / bug.python if bug.python else Path(sys.executable)
    fault = Fault(name=bug.name, group=bug.group or bug.name, kind="recipe", changes=tuple(_changes(bug.changes, tree)))
    source = Tree(folder=tree, python=python, imports=bug.imports, arguments=bug.arguments)
    return Trial(fault=fault, tree=source, failing=bug.failing)


def _changes(changes: Iterable[_Change], tree: Path) -> Iterator[Change]:
    for change in changes:
        text = (tree / change.path).read_text("utf-8", "replace")
        function = change.function or Entities({change.path: text}).at(change.path, min(change.lines)).function
        yield Change(function=Function(change.path, function), lines=change.lines)
