"""Where the second pass of a run in the controller's own process may not run."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from pytest_parallel_agents.session.measuring_here import is_debugged


@pytest.fixture(autouse=True)
def untraced() -> Iterator[None]:
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


def test_a_debugger_is_seen() -> None:
    assert not is_debugged()
    sys.settrace(lambda *_: None)
    assert is_debugged()


def test_coverage_is_no_debugger() -> None:
    coverage = pytest.importorskip("coverage").Coverage(data_file=None)
    coverage.start()
    found = is_debugged()
    coverage.stop()
    assert not found


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there is no sys.monitoring")
def test_a_debugger_that_monitors_is_seen() -> None:
    if sys.version_info >= (3, 12):
        monitoring = sys.monitoring
        monitoring.use_tool_id(monitoring.DEBUGGER_ID, "debugger")
        try:
            assert is_debugged()
        finally:
            monitoring.free_tool_id(monitoring.DEBUGGER_ID)
