"""What a program is, without asking it: a version that is printed costs a start, and not every program has one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import io, os
from pytest_parallel_agents.tools.git import Revision

MOST_BYTES: Final = 1024 * 1024
"""A larger file is known by its size and the time of its last change."""

_PARENTS: Final = 4
"""How many folders above an npm package's program are searched for what describes the package."""


def program_identity(program: str) -> str:
    """Equal as long as the same version of the program is there.

    The script of a Python package and the one of an npm package stay the same from version to version, so the packages
    beside it count too.
    """
    file = os.path.realpath(program)
    return digest([file, file_identity(file), *_python_packages(file), *_npm_package(file)])


def file_identity(path: str | Path) -> str:
    """Equal as long as the file has the same content; empty without a file."""
    with suppress(OSError):
        status = os.stat(path)
        if status.st_size > MOST_BYTES:
            return f"{status.st_size} {status.st_mtime_ns}"
        with io.open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    return ""


def tree_identity(path: str | Path) -> str:
    """That of a file, or of all files below a folder."""
    if not os.path.isdir(path):
        return file_identity(path)
    files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
    return digest([part for file in files for part in (file, file_identity(file))])


def project_identity(root: Path) -> str:
    """That of all files of a repository that git knows or would know. Raises BrokenTool where git cannot list them."""
    listed = Revision("HEAD", "tools").run_git(("ls-files", "--cached", "--others", "--exclude-standard", "-z"), root)
    files = sorted(os.fsdecode(name) for name in listed.split(b"\0") if name)
    return digest([part for file in files for part in (file, file_identity(os.path.join(root, file)))])


def digest(parts: list[str]) -> str:
    """Of texts in their order."""
    return hashlib.sha256(repr(parts).encode(errors="surrogateescape")).hexdigest()


def _python_packages(file: str) -> Iterator[str]:
    """The packages of the environment whose interpreter runs the script, with their versions."""
    with suppress(OSError), io.open(file, "rb") as script:
        first = script.readline(1000).decode(errors="replace")
        if first.startswith("#!") and "python" in first:
            environment = os.path.dirname(os.path.dirname(first.removeprefix("#!").split()[0]))
            library = os.path.join(environment, "lib")
            for version in sorted(os.listdir(library)):
                packages = os.path.join(library, version, "site-packages")
                found = os.listdir(packages) if os.path.isdir(packages) else []
                yield from sorted(name for name in found if name.endswith(".dist-info"))


def _npm_package(file: str) -> Iterator[str]:
    """What describes the package that the program belongs to."""
    if "node_modules" not in file:
        return
    for folder in list(Path(file).parents)[:_PARENTS]:
        if os.path.isfile(folder / "package.json"):
            yield file_identity(folder / "package.json")
            return
