"""Our own modules, for tests that remove modules from `sys.modules` to import them anew.

Our modules import others of ours when they are called, and would find new ones, without the run's state.
"""

from __future__ import annotations

import sys
from types import ModuleType

from pytest_parallel_agents.code_origin import PACKAGE, is_of


class OwnModules:
    """Our modules that are loaded when this is made."""

    def __init__(self) -> None:
        modules = list(sys.modules.items())
        self._modules: dict[str, ModuleType] = {name: each for name, each in modules if is_of(name, PACKAGE)}

    def restore(self) -> None:
        """Restores missing ones. It takes a few microseconds where none is."""
        if not self._modules.keys() <= sys.modules.keys():
            sys.modules.update(self._modules)
