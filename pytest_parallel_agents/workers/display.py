"""The terminal while checks run: a line per finished check, dots for plain tests, and what is still running."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from _pytest.subtests import SubtestReport
from _pytest.terminal import TerminalReporter

from pytest_parallel_agents.reports.progress import Progress, Running
from pytest_parallel_agents.wire.report_data import identity
from pytest_parallel_agents.workers.attempts import RERUN
from pytest_parallel_agents.workers.held_writes import held_writes
from pytest_parallel_agents.workers.ledger import Ledger
from pytest_parallel_agents.workers.live import Line


class Display:
    """Watches a run. Marked checks get a line each, plain tests with `-v` only; `-q` leaves pytest's dots.

    Registered only while checks run: the final summary asks for the status of reports too. A reporter that shows checks
    in its own way is left alone with them.
    """

    def __init__(self, config: pytest.Config, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        self._verbosity = config.get_verbosity(pytest.Config.VERBOSITY_TEST_CASES)
        self._terminal: Any = config.pluginmanager.getplugin("terminalreporter")
        if self._terminal is not None:
            self._terminal.showfspath = False  # checks of many files finish in turn
            self._progress = Progress(config.get_terminal_writer())
        self._writes_lines = _is_plain(self._terminal)
        self._terminal_asks = False
        if self._writes_lines:
            self._stand_before_terminal()

    def batch(self) -> AbstractContextManager[None]:
        """What is told within the block is written at its end, or at once when a line of a check is among it."""
        return nullcontext() if self._terminal is None else held_writes(self._config.get_terminal_writer())

    def finished(self, check: int) -> None:
        """A check is over; its result is in the ledger."""
        if self._has_line(marked=self._ledger.check(check).marked):
            self._fresh_line()
            self._progress.finished(self._ledger.result(check))

    def running(self, now: float, checks: Sequence[tuple[int, str, float]]) -> None:
        """What runs: nothing has finished for a while, or somebody has asked."""
        if self._terminal is not None and self._verbosity >= 0:
            self._fresh_line()
            nodeid = {check: self._ledger.check(check).nodeid for check, _, _ in checks}
            self._progress.running(now, [Running(nodeid[check], worker, start) for check, worker, start in checks])

    def printed(self, line: Line) -> None:
        """A line of output under `-s`, with the name of what printed it."""
        text = f"[{line.source}] {line.text}"
        if line.stream == "stdout" and self._terminal is not None:
            self._fresh_line()
            self._terminal.write_line(text)
        else:
            print(text, file=sys.stdout if line.stream == "stdout" else sys.stderr, flush=True)

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        """A check has been running for another period."""
        if self._terminal is not None and self._verbosity >= 0:
            self._fresh_line()
            self._progress.slow(self._ledger.check(check), worker, seconds, where)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logstart(self) -> Generator[None]:
        """With `-v` the terminal would announce a check that runs in this process, and its line will say it again."""
        if not self._writes_lines:
            return (yield)
        self._terminal.write_ensure_prefix = _write_nothing
        try:
            return (yield)
        finally:
            del self._terminal.write_ensure_prefix

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self, report: Any) -> Generator[None, Any, Any]:
        """Take the letter away where a line will say it, from the terminal alone; the counts stay."""
        status = yield
        if report.outcome == RERUN and status[:2] != (RERUN, "R"):  # no plugin knows the word
            status = (RERUN, "R", ("RERUN", {"yellow": True}))
        if not self._terminal_asks or self._verbosity < 0 or isinstance(report, SubtestReport):
            return status
        if not self._has_line(marked="agent" in report.keywords):
            return status
        self._terminal._progress_nodeids_reported.add(identity(report))  # noqa: SLF001
        return status[0], "", ""

    def _stand_before_terminal(self) -> None:
        """Know when it is the terminal that asks for a status."""
        listeners: list[Any] = self._config.hook.pytest_runtest_logreport.get_hookimpls()
        for implementation in listeners:
            if implementation.plugin is self._terminal:
                implementation.function = self._tell_terminal

    def _tell_terminal(self, report: Any) -> None:
        self._terminal_asks = True
        try:
            self._terminal.pytest_runtest_logreport(report)
        finally:
            self._terminal_asks = False

    def _has_line(self, *, marked: bool) -> bool:
        return self._writes_lines and (self._verbosity > 0 or (self._verbosity == 0 and marked))

    def _fresh_line(self) -> None:
        if self._config.get_terminal_writer().width_of_current_line:
            self._terminal.write_line("")


def _is_plain(terminal: object) -> bool:
    """Whether it shows reports as pytest's own reporter does."""
    shows = getattr(type(terminal), "pytest_runtest_logreport", None)
    return shows is TerminalReporter.pytest_runtest_logreport


def _write_nothing(prefix: str, extra: str = "", **markup: bool) -> None:
    """Stands in for the terminal's method of the same arguments."""
