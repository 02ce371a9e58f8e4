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
        self._seen: object = None

    def restore(self) -> None:
        """Restores missing ones. Called after every check, so all are looked for only where something has changed."""
        now = _state()
        if now is not None and now == self._seen:
            return
        if not self._modules.keys() <= sys.modules.keys():
            sys.modules.update(self._modules)
        self._seen = _state()


def _state() -> tuple[int, str, int] | None:
    """How many modules there are, and which was added last. A removed one changes the first, and an import after that
    the second. None where that is not known, since a test has put something else in the place of the dictionary.
    """
    modules: object = sys.modules
    if type(modules) is not dict or not modules:
        return None
    last = next(reversed(modules))
    return len(modules), last, id(modules[last])
