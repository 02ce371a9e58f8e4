"""One module for each plugin, each with its `CASE`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from tests.realworld.plugins.case import Case


def all_cases() -> list[Case]:
    """The cases, by the names of their plugins."""
    return sorted(_found(), key=lambda case: case.name.lower())


def _found() -> Iterator[Case]:
    for module in pkgutil.iter_modules(__path__):
        case: Case = importlib.import_module(f"{__name__}.{module.name}").CASE
        yield case
