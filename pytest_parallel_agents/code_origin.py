"""The origin of code: a project's own, or installed."""

from __future__ import annotations

import os
import site
import sysconfig
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Final

PACKAGE: Final = __name__.partition(".")[0]
_OWN: Final = str(Path(__file__).resolve().parent)


def module_name(frame: FrameType) -> str:
    """The name of the module of a frame's code; empty if there is none."""
    return str(frame.f_globals.get("__name__", ""))


def module_of(plugin: object) -> str:
    """The name of the module that a plugin is, or of its class."""
    return plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__


def is_of(name: str, *packages: str) -> bool:
    """Whether the module of this name is one of `packages`, or within one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_project_file(path: str) -> bool:
    """Whether this is a source file that was not installed: a test, a conftest, or the code under test.

    An editable installation stays in the project's folder, and counts as the project's.
    """
    return path != "" and not path.startswith(_others())


@cache
def _others() -> tuple[str, ...]:
    """Beginnings of paths that belong to no project."""
    return ("<", *(f"{folder}{os.sep}" for folder in (_OWN, *installed_folders())))


@cache
def installed_folders() -> tuple[str, ...]:
    """Folders of packages that pip or the system has installed, and of the interpreter's modules, the inner
    ones first.
    """
    of_python = {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    of_user = site.getusersitepackages()
    folders = {*of_python, *site.getsitepackages(), *([of_user] if of_user else ())}
    return tuple(sorted(folders, key=len, reverse=True))
