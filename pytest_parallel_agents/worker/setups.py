"""What is set up in a worker that does not know yet which check follows.

pytest tears down what the next item does not use, and hands plugins that item. Where it is only guessed, plugins are
given the guess, and what any check could use that may follow is kept.
"""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.nodes import Node
from _pytest.runner import SetupState

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins


class Setups(SetupState):
    """pytest's own, but for what is kept when the next item is a guess."""

    def __init__(self, session: pytest.Session) -> None:
        super().__init__()
        self.stack = session._setupstate.stack  # noqa: SLF001
        self._guess: pytest.Item | None = None
        self._kept_for: Any = None

    def guess(self, following: pytest.Item | None, kept_for: Node | None = None) -> None:
        """Keep what `kept_for` stands on when all but what `following` needs is to be torn down."""
        self._guess = following
        self._kept_for = kept_for

    def teardown_exact(self, nextitem: pytest.Item | None) -> None:
        __tracebackhide__ = True
        guessed = nextitem is not None and nextitem is self._guess
        super().teardown_exact(self._kept_for if guessed else nextitem)


for _name in ("__name__", "__qualname__", "__module__"):  # it is seen in tracebacks
    setattr(Setups, _name, getattr(SetupState, _name))
