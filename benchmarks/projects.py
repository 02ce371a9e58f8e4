"""Public projects to compare on: source distributions from PyPI, each with an environment that can run its tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import PYTHON_TAG, Environment

TEST_SETS = ("test", "tests", "testing", "dev")
"""Usual names of the extra, the dependency group or the requirements file with a project's test dependencies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """An unpacked source distribution, installed editable into its own virtual environment.

    `outputs` is where the files that its runs write are kept.
    """

    name: str
    source: Path
    environment: Environment
    outputs: Path


def prepare(requirement: str, cache: Path, *, extra_requirements: Sequence[str] = ()) -> Project:
    """Download `name` or `name==version`; unpack and install it unless the cache has that version already.

    Raises subprocess.CalledProcessError when pip fails; what pip said is on standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = _download(requirement, Path(folder))
        name = archive.name.removesuffix(".tar.gz")
        home = cache / f"{name}-{PYTHON_TAG}"
        environment = Environment(home / "venv")
        project = Project(name=name, source=home / name, environment=environment, outputs=home / "runs")
        ready = home / "ready"
        if not ready.exists():
            shutil.rmtree(home, ignore_errors=True)
            _unpack(archive, home)
            environment.create()
            environment.install(*install_arguments(project.source))
            ready.touch()
    # After the project's own requirements, because those may pin an older pytest.
    environment.install("pytest>=9", "pytest-cov>=7", *extra_requirements)
    environment.install_this_project(cache)
    return project


def fetch(requirement: str, folder: Path) -> Path:
    """Download and unpack a source distribution below `folder`; returns its own folder there.

    Raises subprocess.CalledProcessError when pip fails; what pip said is on standard error.
    """
    with tempfile.TemporaryDirectory() as downloads:
        archive = _download(requirement, Path(downloads))
        _unpack(archive, folder)
        return folder / archive.name.removesuffix(".tar.gz")


def install_arguments(source: Path) -> list[str]:
    """The arguments with which pip installs an unpacked project together with the test dependencies it declares.

    Extras, dependency groups (PEP 735) and requirements files of the first usual name that the project knows.
    """
    pyproject = source / "pyproject.toml"
    declared = tomllib.loads(pyproject.read_text("utf-8")) if pyproject.exists() else {}
    extras = declared.get("project", {}).get("optional-dependencies", {})
    groups = declared.get("dependency-groups", {})
    for name in TEST_SETS:
        options = [f"--group={pyproject}:{name}"] if name in groups else []
        options += [f"--requirement={file}" for file in _requirements_files(source, name)]
        if name in extras or options:
            return ["--editable", f"{source}[{name}]" if name in extras else str(source), *options]
    return ["--editable", str(source)]


def _requirements_files(source: Path, name: str) -> list[Path]:
    usual = (
        f"requirements/{name}.txt",
        f"requirements-{name}.txt",
        f"{name}-requirements.txt",
        f"{name}/requirements.txt",
    )
    return [source / file for file in usual if (source / file).exists()]


def _download(requirement: str, folder: Path) -> Path:
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    options = ("--quiet", "--no-deps", f"--no-binary={name}", "--dest", str(folder))
    subprocess.run([sys.executable, "-m", "pip", "download", *options, requirement], check=True)
    [archive] = folder.glob("*.tar.gz")
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
