"""Watches what happens from the loading of conftests until workers are forked, as far as it concerns them."""

from __future__ import annotations

import sys
from typing import Final

import pytest

from pytest_parallel_agents.compat import unshareable
from pytest_parallel_agents.compat.generators import Generators
from pytest_parallel_agents.compat.questions import Questions, described


class BeforeFork:
    """Watches it, and decides whether workers may be forked."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.questions = Questions(config)
        self.generators = Generators()
        self._descriptors = unshareable.open_descriptors()
        self._watches = False

    def begin(self) -> None:
        self._watches = True
        self.questions.begin()
        self.generators.begin()
        self._config.add_cleanup(self.end)

    def end(self) -> None:
        """Restores everything."""
        if self._watches:
            self._watches = False
            self.questions.end()
            self.generators.end()

    def reasons(self) -> list[str]:
        """The reasons, for people, why workers should be fresh interpreters: things that forks must not inherit."""
        root, manager = self._config.rootpath, self._config.pluginmanager
        asked = (self.questions.of_project(), self.questions.of_supplier())
        reasons = [described(question, root) for question in asked if question is not None]
        opened = sorted(set(unshareable.opened_since(self._descriptors)))
        if opened:
            where = unshareable.where(list(sys.modules.values()))
            reasons.append(f"{', '.join(opened)} was opened before workers were forked{where}")
        reasons.extend(
            f"the thread {name} was started before workers were forked"
            for name in unshareable.threads(manager, of_plugins=False)
        )
        return reasons


BEFORE_FORK: Final = pytest.StashKey[BeforeFork]()
