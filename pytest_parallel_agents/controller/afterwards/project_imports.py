"""Which modules of the project test files import, as far as names in these files show it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pytest

from pytest_parallel_agents.project_paths import project_place


def project_imports(items: Iterable[pytest.Item], root: Path) -> dict[str, tuple[str, ...]]:
    """By the path of a test file: the paths of modules that it has imported, or whose functions and classes."""
    found: dict[str, tuple[str, ...]] = {}
    for item in items:
        path, module = item.nodeid.partition("::")[0], getattr(item, "module", None)
        if path not in found and isinstance(module, ModuleType):
            places = {_place(value, root) for value in list(vars(module).values())}
            found[path] = tuple(sorted(places - {None, path}))  # type: ignore[arg-type]
    return found


def _place(value: object, root: Path) -> str | None:
    """Where what a name stands for is defined, if that is in the project."""
    defining = value if isinstance(value, ModuleType) else _module_of(value)
    file = vars(defining).get("__file__") if isinstance(defining, ModuleType) else None
    return project_place(file, root) if isinstance(file, str) else None


def _module_of(value: object) -> ModuleType | None:
    """The module of a function or a class. Other values are not asked: they may answer anything."""
    if not isinstance(value, type) and type(value).__name__ not in ("function", "builtin_function_or_method"):
        return None
    name = getattr(value, "__module__", None)
    return sys.modules.get(name) if isinstance(name, str) else None
