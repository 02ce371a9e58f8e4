"""Tests that time something with pytest-benchmark: known by its fixture, and useful only when nothing runs
beside them.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

FIXTURE: Final = "benchmark"


def benchmark_session(config: pytest.Config) -> Any:
    """pytest-benchmark's session object; None without the plugin."""
    return getattr(config, "_benchmarksession", None)


def is_benchmark(item: pytest.Item) -> bool:
    """Whether the item will time something: it uses the fixture, and no flag has turned that off."""
    if FIXTURE not in getattr(item, "fixturenames", ()):
        return False
    session = benchmark_session(item.config)
    return session is not None and not session.disabled and not session.skip
