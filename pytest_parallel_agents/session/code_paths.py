"""Which files that checks were collected from hold the project's code, not its tests."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pytest_parallel_agents.convergence.functions import is_python


def code_paths(items: Iterable[pytest.Item]) -> frozenset[str]:
    """Python files without test functions: doctests, and what plugins check of each file, lie beside the code."""
    files: dict[str, bool] = {}
    for item in items:
        path = item.nodeid.partition("::")[0]
        files[path] = files.get(path, False) or isinstance(item, pytest.Function)
    return frozenset(path for path, has_tests in files.items() if is_python(path) and not has_tests)
