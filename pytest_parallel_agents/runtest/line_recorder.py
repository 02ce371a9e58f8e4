"""What records lines in this interpreter."""

from __future__ import annotations

import importlib.util
import sys
from typing import Final, NamedTuple

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.runtest.line_coverage import LineCoverage, Place

__builtins__ = builtins

_IS_MONITORED: Final = sys.version_info >= (3, 12)


class LineRecorders(NamedTuple):
    """`precise` can forget what an error executes on its way. `quick` need not."""

    precise: LineCoverage
    quick: LineCoverage


def line_recorders(place: Place) -> LineRecorders:
    """What this interpreter offers."""
    if _IS_MONITORED:
        from pytest_parallel_agents.runtest.monitored_lines import MonitoredLines

        monitored = MonitoredLines(place)
        return LineRecorders(monitored, monitored)
    from pytest_parallel_agents.runtest.traced_lines import TracedLines

    precise = TracedLines(place)
    return LineRecorders(precise, _quick(place) or precise)


def slowdown() -> float:
    """How much longer a check that passes takes under measurement, pytest's own work included."""
    if _IS_MONITORED:
        return 1.5
    return 3.0 if importlib.util.find_spec("coverage") is None else 2.0


def slowdown_of_failing() -> float:
    """At most how much longer a check takes whose errors are told apart."""
    return 3.0 if _IS_MONITORED else 10.0


def _quick(place: Place) -> LineCoverage | None:
    """None where coverage is not installed, has no C tracer, or one that is not as known."""
    from pytest_parallel_agents.runtest.quick_lines import QuickLines

    try:
        return QuickLines(place)
    except (ImportError, AttributeError):
        return None
