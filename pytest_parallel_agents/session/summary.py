"""Shows the report in the terminal when all is over, and to GitHub."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.compat import running_on_ci

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.options import OPTIONS
from pytest_parallel_agents.printable import escape, escape_lines
from pytest_parallel_agents.reports.left_out import EXPLAIN
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.findings import are_short
from pytest_parallel_agents.reports.terminal.next_steps import Commands
from pytest_parallel_agents.reports.terminal.text import fitted
from pytest_parallel_agents.session.brief_failures import BriefFailures
from pytest_parallel_agents.session.github import annotate, append_summary
from pytest_parallel_agents.session.output_mode import compact_of
from pytest_parallel_agents.wire.remarks import remarks

RERUN_FAILED: Final = "pytest --agents --lf"
NEW_PAGE: Final = "pytest --agents --agents-report=report.html"


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
        if self._report.timing.makespan or any(check.outcome is Outcome.CANCELLED for check in self._report.checks):
            from pytest_parallel_agents.reports.terminal.summary import write_summary

            writer, verbosity = self._config.get_terminal_writer(), self._config.get_verbosity()
            write_summary(self._report, writer, verbosity=verbosity, commands=_commands(self._config))
        annotate(self._config, self._report, terminal)


def _commands(config: pytest.Config) -> Commands:
    """What can be run next, at the place of this run: nobody reads a page on a machine of CI."""
    rerun = RERUN_FAILED if config.pluginmanager.hasplugin("cacheprovider") else ""
    if running_on_ci():
        return Commands(rerun=rerun)
    written = (path for path in config.stash[OPTIONS].reports if path.suffix == ".html")
    page = next((f"python -m webbrowser {shlex.quote(_near(path))}" for path in written), NEW_PAGE)
    return Commands(rerun=rerun, explain=EXPLAIN, page=page)


def _near(path: Path) -> str:
    """The path from the current folder, where it is below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


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
