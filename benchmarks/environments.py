"""Virtual environments in which benchmarks run, with this project installed as its users have it: as a wheel."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_CACHE = Path.home() / ".cache" / "pytest-parallel-agents" / "benchmarks"
PYTHON_TAG = f"py{sys.version_info.major}{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def scripts(self) -> Path:
        return self.folder / ("Scripts" if sys.platform == "win32" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / "python"

    def create(self) -> None:
        """Make it, with a pip that knows dependency groups, unless it exists."""
        if not self.scripts.exists():
            subprocess.run([sys.executable, "-m", "venv", str(self.folder)], check=True)
            self.install("--upgrade", "pip>=25.1")

    def install(self, *arguments: str) -> None:
        """`pip install`. Raises subprocess.CalledProcessError; what pip said is on standard error."""
        subprocess.run([self.scripts / "python", "-m", "pip", "install", "--quiet", *arguments], check=True)

    def install_this_project(self, cache: Path) -> None:
        """Install the wheel of the present sources and what it depends on.

        Not editable: coverage would count the checkout as code of the measured project.
        """
        wheel = str(_build_wheel(cache))
        self.install(wheel)
        self.install("--no-deps", "--force-reinstall", wheel)  # the version number is the one installed before

    def versions(self) -> Mapping[str, str]:
        """Versions of the installed distributions, by name in lower case."""
        command = [str(self.scripts / "python"), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
        listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return {entry["name"].lower(): entry["version"] for entry in listed}


def ready_environment(name: str, cache: Path, requirements: Sequence[str]) -> Environment:
    """The cached environment of this name with the newest versions of what is required."""
    environment = Environment(cache / f"environment-{name}-{PYTHON_TAG}")
    environment.create()
    environment.install("--upgrade", *requirements)
    return environment


def environment_with_this_project(cache: Path, requirements: Sequence[str] = ()) -> Environment:
    """The cached environment that has the required packages and this project."""
    environment = ready_environment("ours", cache, [*dependencies(), *requirements])
    environment.install_this_project(cache)
    return environment


def dependencies() -> list[str]:
    """What this project requires."""
    declared: list[str] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    return declared


@functools.cache
def _build_wheel(cache: Path) -> Path:
    folder = cache / f"wheel-{PYTHON_TAG}"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    subprocess.run([*command, str(REPOSITORY)], check=True)
    [wheel] = folder.glob("*.whl")
    return wheel
