"""What the checks of a run may spend on language models."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest

from pytest_parallel_agents.collection.commands import CommandItem


def reserves(items: Sequence[pytest.Item]) -> dict[int, float]:
    """The dollars that each check spends at most, by its place: infinite where it does not state that, absent where it
    spends nothing.
    """
    found: dict[int, float] = {}
    for index, item in enumerate(items):
        if isinstance(item, CommandItem) and item.spec.reports_usage and item.spec.budget != 0:
            found[index] = inf if item.spec.budget is None else item.spec.budget
    return found
