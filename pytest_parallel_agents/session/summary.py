"""Shows the report in the terminal when all is over, and to GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest

from pytest_parallel_agents.printable import escape, escape_lines
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.findings import are_short
from pytest_parallel_agents.reports.terminal.text import fitted
from pytest_parallel_agents.session.brief_failures import BriefFailures
from pytest_parallel_agents.session.compact import compact_of
from pytest_parallel_agents.session.github import annotate, append_summary
from pytest_parallel_agents.wire.remarks import remarks

RERUN_FAILED: Final = "pytest --agents --lf"


class Summary:
    """Of one report."""

    def __init__(self, config: pytest.Config, report: Report) -> None:
        self._config = config
        self._report = report
        self._compact = compact_of(config)
        terminal = config.pluginmanager.getplugin("terminalreporter")
        if self._compact is None and terminal is not None and config.get_verbosity() >= 0:
            brief = {check.nodeid for check in report.checks if are_short(check.findings)}
            BriefFailures(terminal, brief).register(config.pluginmanager)
        if self._compact is None:
            append_summary(config, report)

    def write(self, terminal: Any) -> None:
        """Write it to pytest's terminal reporter."""
        if self._compact is not None:
            self._compact.write(self._report)
            return
        if self._report.timing.makespan:
            from pytest_parallel_agents.reports.terminal.next_steps import Commands
            from pytest_parallel_agents.reports.terminal.summary import write_summary

            commands = Commands(rerun=RERUN_FAILED if self._config.pluginmanager.hasplugin("cacheprovider") else "")
            writer, verbosity = self._config.get_terminal_writer(), self._config.get_verbosity()
            write_summary(self._report, writer, verbosity=verbosity, commands=commands)
        annotate(self._config, self._report, terminal)


def write_errors(
    config: pytest.Config, terminal: Any, late_errors: Mapping[str, str], complaints: Iterable[object]
) -> None:
    """Writes what is not in the report: errors at the end of workers' sessions, by their names, and of the report
    itself.
    """
    for worker, errors in late_errors.items():
        terminal.section(f"worker {worker}: errors at the end of its session", red=True)
        terminal.write_line(escape_lines(errors))
    width = config.get_terminal_writer().fullwidth
    for line in fitted((f"agents: {escape(text)}" for text in remarks(config)), width):
        terminal.write_line(line, yellow=True)
    for complaint in complaints:
        terminal.write_line(f"ERROR: {complaint}", red=True)
