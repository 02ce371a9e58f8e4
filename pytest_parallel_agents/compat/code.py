"""Whose code it is: a project's own, or what was installed."""

from __future__ import annotations

import os
import sysconfig
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Final

PACKAGE: Final = __name__.partition(".")[0]
_OWN: Final = str(Path(__file__).resolve().parent.parent)


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
    """Whether this is a source file that nobody has installed: a test, a conftest, or what they are to test."""
    others = (_OWN, *installed_folders())
    return path != "" and not path.startswith(("<", *(f"{folder}{os.sep}" for folder in others)))


@cache
def installed_folders() -> tuple[str, ...]:
    """Folders of what pip has installed and of the interpreter's own modules, the inner ones first."""
    return tuple(dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")))
