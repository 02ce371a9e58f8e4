"""Objects of plugins that watch tests run.

Such an object would keep or write its data twice for a test that runs once more, beside the run's reports: allure's
readers would take the second file of results for the final one. Functions in a plugin's module or in a conftest.py
exist in every process, and handle that themselves.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

import pytest

_AROUND_TESTS: Final = ("pytest_runtest_protocol", "pytest_runtest_makereport", "pytest_fixture_setup")
"""Hooks by which an object sees the end of a test. That of pytest-cov has others."""

_KNOWN: Final = frozenset({"_pytest", "pytest_parallel_agents", "xdist"})


def is_watched(config: pytest.Config) -> bool:
    """Whether an object of another author's plugin takes part in running tests."""
    hooks = (getattr(config.hook, name) for name in _AROUND_TESTS)
    return any(_is_foreign_object(implementation.plugin) for hook in hooks for implementation in hook.get_hookimpls())


def _is_foreign_object(plugin: object) -> bool:
    return not isinstance(plugin, ModuleType | type) and type(plugin).__module__.partition(".")[0] not in _KNOWN
