"""Objects of plugins that watch tests run.

What such an object keeps or writes of a test it would keep or write once more of one that is tried again, beside what
the run has told: allure's readers would take the second file of results for the last word. Functions in a plugin's
module or in a conftest.py are there in every process, and know by themselves what they do.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

import pytest

_AROUND_TESTS: Final = ("pytest_runtest_protocol", "pytest_runtest_makereport", "pytest_fixture_setup")
"""Hooks by which an object sees how a test ends. That of pytest-cov has others."""

_KNOWN: Final = frozenset({"_pytest", "pytest_parallel_agents", "xdist"})


def is_watched(config: pytest.Config) -> bool:
    """Whether an object of somebody else's plugin takes part in how tests run."""
    hooks = (getattr(config.hook, name) for name in _AROUND_TESTS)
    return any(_is_foreign_object(implementation.plugin) for hook in hooks for implementation in hook.get_hookimpls())


def _is_foreign_object(plugin: object) -> bool:
    return not isinstance(plugin, ModuleType | type) and type(plugin).__module__.partition(".")[0] not in _KNOWN
