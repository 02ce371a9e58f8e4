"""Prepares the program of a check: with which words, folder and environment it starts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tool_formats.output import NothingJudged
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.program import TEMPORARY, Program, locate
from pytest_parallel_agents.tools.stdin import filled
from pytest_parallel_agents.tools.targets import changed_targets, named_files, nothing_judged


def prepared(spec: CommandSpec, invocation: Invocation) -> Program:
    chosen, root, changes = invocation.chosen, invocation.root, invocation.changes
    folder = run_folder(spec, chosen, root)
    targets = spec.targets(chosen)
    _refuse_missing_paths(spec, targets, folder)
    if changes is not None:
        targets = changed_targets(spec, chosen, changes, root)
    _refuse_settings(spec, targets, chosen, folder)
    argv = spec.argv(chosen, _private(invocation.cache, spec.name, chosen), named_files(spec, targets, folder))
    return Program(
        path=find_program(spec, argv[0], folder, invocation),
        argv=argv,
        folder=folder,
        environment=environment_of(spec, chosen, invocation.scratch),
        targets=targets,
    )


def run_folder(spec: CommandSpec, chosen: str | None, root: Path) -> Path:
    """The folder that the check of one input runs in. Raises BrokenTool when it does not exist."""
    folder = root / spec.folder(chosen)
    if not os.path.isdir(folder):
        raise BrokenTool(f"{spec.name}: no such folder: {spec.folder(chosen)}", hint=f"see {spec.where}.cwd")
    return folder


def _refuse_missing_paths(spec: CommandSpec, paths: Sequence[str], folder: Path) -> None:
    missing = [path for path in paths if not os.path.exists(os.path.join(folder, path))]
    if missing:
        raise BrokenTool(f"{spec.name}: no such path: {', '.join(missing)}", hint=f"see {spec.where}")


def _refuse_settings(spec: CommandSpec, targets: Sequence[str], chosen: str | None, folder: Path) -> None:
    if spec.adapter is None:
        return
    try:
        obstacle = spec.adapter.obstacle(targets, spec.arguments(chosen), folder)
    except NothingJudged as error:
        raise nothing_judged(spec, str(error)) from error
    if obstacle:
        raise BrokenTool(f"{spec.name}: {obstacle}")


def find_program(spec: CommandSpec, name: str, folder: Path, invocation: Invocation) -> str:
    """The program's file. When there is none it skips the check if that is optional, else raises BrokenTool."""
    program = locate(name, folder, invocation.root)
    missing = f"{name} is not installed" + (f" on {invocation.host}" if invocation.host else "")
    if program is None and spec.optional:
        remedy = f": {spec.install}" if spec.install else ""
        raise pytest.skip.Exception(f"{missing}{remedy}", _use_item_location=True)
    if program is None:
        raise BrokenTool(missing, hint=_remedy(spec))
    return program


def _remedy(spec: CommandSpec) -> str:
    if spec.install:
        return f"{spec.install}, or skip it with {spec.where}.optional = true"
    return f"install it, correct {spec.where}.command, or skip it with optional = true"


def _private(cache: Path, name: str, chosen: str | None) -> Path:
    digest = hashlib.sha1(repr((name, chosen)).encode(), usedforsecurity=False).hexdigest()
    return cache / digest[:16]


def environment_of(spec: CommandSpec, chosen: str | None, scratch: Path) -> Mapping[str, str]:
    """Our environment and the command's, without variables that would change the parsed output, and with temporary
    files kept apart.

    A known tool imports plugins from the project, and leaves nothing compiled there.
    """
    unset = {"FORCE_COLOR", "CLICOLOR_FORCE", *(spec.adapter.unset if spec.adapter else ())}
    ours = {
        **os.environ,
        "NO_COLOR": "1",
        "PY_COLORS": "0",
        **dict.fromkeys(TEMPORARY, str(scratch)),
        **({} if spec.adapter is None else {"PYTHONDONTWRITEBYTECODE": "1"}),
        **{name: filled(value, chosen) for name, value in spec.env.items()},
    }
    return {name: value for name, value in ours.items() if name not in unset}
