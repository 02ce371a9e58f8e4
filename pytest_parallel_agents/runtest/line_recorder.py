"""What records lines in this interpreter."""

from __future__ import annotations

import sys

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.runtest.line_coverage import LineCoverage, Place

__builtins__ = builtins


def line_recorder(place: Place) -> LineCoverage:
    """What this interpreter offers."""
    if sys.version_info >= (3, 12):
        from pytest_parallel_agents.runtest.monitored_lines import MonitoredLines

        return MonitoredLines(place)
    from pytest_parallel_agents.runtest.traced_lines import TracedLines

    return TracedLines(place)
