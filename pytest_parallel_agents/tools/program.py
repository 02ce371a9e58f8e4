"""The program of a command: where it is, with which words, folder and environment it starts."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

import pytest

from pytest_parallel_agents.early_bound import os, shutil
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tool_formats.output import NothingJudged
from pytest_parallel_agents.tools.stdin import filled
from pytest_parallel_agents.tools.targets import changed_targets, named_files, nothing_judged

if TYPE_CHECKING:
    from pytest_parallel_agents.tools.command import CommandSpec
    from pytest_parallel_agents.tools.invocation import Invocation

_TEMPORARY: Final = ("TMPDIR", "TEMP", "TMP")


class Program(NamedTuple):
    """A program that can be started, and the paths that it judges."""

    path: str
    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    targets: tuple[str, ...]


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
        path=find_program(spec, argv[0], folder, root),
        argv=argv,
        folder=folder,
        environment=environment_of(spec, chosen, invocation.scratch),
        targets=targets,
    )


def fingerprint(program: Program, stdin: IO[bytes] | int) -> str:
    """Equal for programs that judge the same in the same way: same words, input, folder and environment.

    Variables for temporary files differ from run to run, and pytest's own from check to check.
    """
    environment = {
        name: value
        for name, value in program.environment.items()
        if name not in _TEMPORARY and not name.startswith("PYTEST_")
    }
    whole = (program.path, program.argv, str(program.folder), sorted(environment.items()))
    digest = hashlib.sha1(repr(whole).encode("utf-8", "surrogateescape"), usedforsecurity=False)
    if not isinstance(stdin, int):
        digest.update(stdin.read())
        stdin.seek(0)
    return digest.hexdigest()


def locate(program: str, *folders: Path) -> str | None:
    """A program of the environment that runs pytest comes first, then one of the npm packages of these folders.

    After these come those on the search path. A path is one from the first folder.
    """
    is_path = os.path.basename(program) != program
    if is_path:
        file = os.path.join(folders[0], program)
        return file if os.path.exists(file) else None
    packages = (os.path.join(folder, "node_modules", ".bin") for folder in folders)
    ours = os.pathsep.join((os.path.dirname(sys.executable), *packages))
    return shutil.which(program, path=ours) or shutil.which(program)


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


def find_program(spec: CommandSpec, name: str, folder: Path, root: Path) -> str:
    """The program's file. When there is none it skips the check if that is optional, else raises BrokenTool."""
    program = locate(name, folder, root)
    if program is None and spec.optional:
        remedy = f": {spec.install}" if spec.install else ""
        raise pytest.skip.Exception(f"{name} is not installed{remedy}", _use_item_location=True)
    if program is None:
        raise BrokenTool(f"{name} is not installed", hint=_remedy(spec))
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
        **dict.fromkeys(_TEMPORARY, str(scratch)),
        **({} if spec.adapter is None else {"PYTHONDONTWRITEBYTECODE": "1"}),
        **{name: filled(value, chosen) for name, value in spec.env.items()},
    }
    return {name: value for name, value in ours.items() if name not in unset}
