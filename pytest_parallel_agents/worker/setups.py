"""The set-up state of a worker that does not know yet which check follows.

pytest tears down what the next item does not use, and passes that item to plugins. Where it is only guessed, plugins
get the guess, and what any check that may follow could use is kept.
"""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.nodes import Node
from _pytest.runner import SetupState

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.hidden_frames import hidden

__builtins__ = builtins


class GuessingSetupState(SetupState):
    """pytest's own state, except that it keeps more when the next item is a guess."""

    def __init__(self, session: pytest.Session) -> None:
        super().__init__()
        self.stack = session._setupstate.stack  # noqa: SLF001
        self._guess: pytest.Item | None = None
        self._kept_for: Any = None

    def guess(self, following: pytest.Item | None, kept_for: Node | None = None) -> None:
        """Keeps what belongs to `kept_for` and its parents when all but what `following` needs is to be torn down."""
        self._guess = following
        self._kept_for = kept_for

    @hidden
    def teardown_exact(self, nextitem: pytest.Item | None) -> None:
        __tracebackhide__ = True
        guessed = nextitem is not None and nextitem is self._guess
        super().teardown_exact(self._kept_for if guessed else nextitem)


for _name in ("__name__", "__qualname__", "__module__"):  # it appears in tracebacks
    setattr(GuessingSetupState, _name, getattr(SetupState, _name))
