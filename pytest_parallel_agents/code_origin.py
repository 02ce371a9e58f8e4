"""Whose code it is: a project's own, or what was installed."""

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
    """The name of the module that a frame's code is of; empty if it is of none."""
    return str(frame.f_globals.get("__name__", ""))


def module_of(plugin: object) -> str:
    """The name of the module that a plugin is, or whose class it is of."""
    return plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__


def is_of(name: str, *packages: str) -> bool:
    """Whether the module of this name is one of `packages`, or within one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_project_file(path: str) -> bool:
    """Whether this is a source file that nobody has installed: a test, a conftest, or what they are to test.

    What is installed to be edited stays where the project is, and counts as the project's.
    """
    return path != "" and not path.startswith(_others())


@cache
def _others() -> tuple[str, ...]:
    """How paths begin that are of no project."""
    return ("<", *(f"{folder}{os.sep}" for folder in (_OWN, *installed_folders())))


@cache
def installed_folders() -> tuple[str, ...]:
    """Folders of what pip or the system has installed, and of the interpreter's modules, the inner ones first."""
    of_python = {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    of_user = site.getusersitepackages()
    folders = {*of_python, *site.getsitepackages(), *([of_user] if of_user else ())}
    return tuple(sorted(folders, key=len, reverse=True))
