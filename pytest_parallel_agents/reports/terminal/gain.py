"""The gain of running in parallel, as lines for people."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.text import Terminal, write_wrapped
from pytest_parallel_agents.reports.timing import CONTROLLER

LEAST_GAIN: Final = 1.05
"""A smaller speedup is noise."""

_COMPLETE: Final = (0, 1)
"""Exit codes of runs that were completed: how long any other would have taken is not known."""


def write_gain(report: Report, terminal: Terminal, *, verbose: bool) -> None:
    """Writes nothing where nothing was gained; with `verbose` also how near the run came to the best possible."""
    timing = report.timing
    ran = [check for check in report.checks if check.attempts]
    if len(ran) <= 1 or report.run.exit_code not in _COMPLETE:
        return
    if timing.speedup is not None and timing.speedup >= LEAST_GAIN:
        workers = {attempt.worker for check in ran for attempt in check.attempts} - {CONTROLLER}
        where = f"on {counted(len(workers), 'worker')}"
        gained = f"{counted(len(ran), 'check')} in {seconds(timing.makespan)} {where}"
        write_wrapped(terminal, f"{gained} (about {seconds(timing.sequential)} one after another)", bold=True)
    if verbose and timing.efficiency is not None:
        bound = f"lower bound {seconds(timing.lower_bound)} (efficiency {timing.efficiency:.0%})"
        write_wrapped(terminal, f"{bound}, start skew {seconds(timing.start_skew)}")
