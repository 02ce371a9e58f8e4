"""The modules that we are made of, for tests that take modules out of `sys.modules` to import them anew.

Ours import others of ours when they are called, and would find new ones, which know nothing of the run.
"""

from __future__ import annotations

import sys
from types import ModuleType

from pytest_parallel_agents.code_origin import PACKAGE, is_of


class OwnModules:
    """Those that are loaded when this is made."""

    def __init__(self) -> None:
        modules = list(sys.modules.items())
        self._modules: dict[str, ModuleType] = {name: each for name, each in modules if is_of(name, PACKAGE)}

    def restore(self) -> None:
        """Put back what is missing. It takes a few microseconds where nothing is."""
        if not self._modules.keys() <= sys.modules.keys():
            sys.modules.update(self._modules)
