"""The run's budget where checks run in this process, one after another, and no scheduler keeps it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_parallel_agents.controller.check_ends import UNAFFORDABLE
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.scheduling.budget import Budget


class BudgetHere:
    """A plugin that skips checks which are too expensive for what is left. `items` are those of the session."""

    def __init__(self, budget: Budget, items: Sequence[pytest.Item], store: ResultStore) -> None:
        self._budget = budget
        self._checks = {item: check for check, item in enumerate(items)}
        self._store = store
        self._begun: int | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skips it, unless it is another attempt, for which it has reserved already."""
        check = self._checks.get(item)
        if check is None:  # a plugin's own
            return
        if self._begun is not None and self._begun != check:
            self._budget.settle(self._begun, self._store.cost(self._begun))
        self._begun = check
        if not self._budget.begins(check):
            raise pytest.skip.Exception(UNAFFORDABLE, _use_item_location=True)
