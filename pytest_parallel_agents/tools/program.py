"""A program that can be started, and where it is found."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final, NamedTuple

from pytest_parallel_agents.early_bound import os, shutil

TEMPORARY: Final = ("TMPDIR", "TEMP", "TMP")
"""The environment variables that name the folder for temporary files."""
_OF_A_CHECK: Final = ("PYTEST_CURRENT_TEST", "PYTEST_XDIST_")
"""How variables begin by which workers name a check and themselves."""


class Program(NamedTuple):
    """A program that can be started, and the paths that it judges."""

    path: str
    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    targets: tuple[str, ...]


def fingerprint(program: Program, stdin: IO[bytes] | int) -> str:
    """Equal for programs that judge the same in the same way: same file, words, input, folder and environment.

    Variables for temporary files differ from run to run, and some of pytest's own from check to check.
    """
    environment = {
        name: value
        for name, value in program.environment.items()
        if name not in TEMPORARY and not name.startswith(_OF_A_CHECK)
    }
    whole = (program.path, _version(program.path), program.argv, str(program.folder), sorted(environment.items()))
    digest = hashlib.sha1(repr(whole).encode("utf-8", "surrogateescape"), usedforsecurity=False)
    if not isinstance(stdin, int):
        digest.update(stdin.read())
        stdin.seek(0)
    return digest.hexdigest()


def _version(path: str) -> tuple[float, ...]:
    """Another one when the file has changed or another has taken its place."""
    try:
        status = os.stat(path)
    except OSError:  # its start fails
        return ()
    return status.st_ctime, status.st_mtime, status.st_size, status.st_ino


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
    found = shutil.which(program, path=ours) or shutil.which(program)
    return os.path.abspath(found) if found is not None else None  # the search path may have relative folders
