"""The part of a command's paths that is to be judged, and the outcome of a check that has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from pytest_parallel_agents.early_bound import os, subprocess
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tools.changes import Changes
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.file_types import files_of

_UNCHANGED: Final = "nothing that it judges has changed"
NO_FILE: Final = "it has found no file to judge"
_LONGEST_PATHS: Final = 20_000
"""Characters of changed files that are named one by one: Windows takes 32,767 in all. Beyond that the tool judges all
files."""


def changed_targets(spec: CommandSpec, chosen: str | None, changes: Changes, root: Path) -> tuple[str, ...]:
    """The targets to be judged: the changed files in them, unless the tool must see the others too."""
    folder, targets = spec.folder(chosen), spec.targets(chosen)
    places = tuple(os.path.join(folder, path) for path in targets or (("",) if folder else ()))
    files = changes.among(places, spec.types, root)
    if not files:
        where = f" in {', '.join(places)}" if places else ""
        raise pytest.skip.Exception(f"{_UNCHANGED} since {changes.base}{where}", _use_item_location=True)
    if not spec.names_files or sum(map(len, files)) > _LONGEST_PATHS:
        return targets
    return tuple(os.path.relpath(root / file, root / folder) for file in files) if folder else files


def named_files(spec: CommandSpec, targets: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """The targets as the tool takes them."""
    if spec.adapter is None or spec.adapter.takes_folders:
        return targets
    files = tuple(files_of(targets, spec.adapter.types, folder))
    if not files:
        raise nothing_judged(spec, NO_FILE)
    return files


def listing_arguments(spec: CommandSpec, targets: Sequence[str], chosen: str | None) -> Sequence[str]:
    """Arguments with which a tool prints what it judges, if it passes when there is no file to judge."""
    listing = spec.adapter.listing if spec.adapter is not None else None
    return listing(targets, spec.arguments(chosen))[1:] if listing is not None else ()


def prints_nothing(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> bool:
    """Whether a command has done its work, and there was nothing to print."""
    listed = subprocess.run(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return listed.returncode == 0 and not listed.stdout.strip()


def nothing_judged(spec: CommandSpec, problem: str) -> BaseException:
    """The outcome of a check that had nothing to judge: it is skipped if the command is optional."""
    if spec.names_files:
        reason = f"{_UNCHANGED} since {spec.only_changed.base}"
        return pytest.skip.Exception(reason, _use_item_location=True)
    if spec.optional:
        return pytest.skip.Exception(problem, _use_item_location=True)
    hint = f"correct {spec.where}.paths, or skip it with {spec.where}.optional = true"
    return BrokenTool(f"{spec.name}: {problem}", hint=hint)
