"""The terminal while checks run: a line per finished check, dots for plain tests, and the running checks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest
from _pytest.subtests import SubtestReport
from _pytest.terminal import TerminalReporter

from pytest_parallel_agents.controller.observers import Attempts
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.options import OPTIONS
from pytest_parallel_agents.reports.terminal.live_area import LiveArea
from pytest_parallel_agents.reports.terminal.progress import Progress, Running
from pytest_parallel_agents.reports.terminal.text import fitted
from pytest_parallel_agents.runtest.attempts import RERUN
from pytest_parallel_agents.runtest.buffered_writes import BufferedWrites
from pytest_parallel_agents.runtest.live_output import Line
from pytest_parallel_agents.session.heartbeat import Heartbeat, Live, Pulse, Silence, can_be_live
from pytest_parallel_agents.session.passed_letters import PassedLetters
from pytest_parallel_agents.wire.report_data import identity


class Display:
    """Watches a run. Marked checks get a line each, plain tests with `-v` only; `-q` leaves pytest's dots.

    Registered only while checks run: the final summary asks for the status of reports too. A reporter that shows checks
    in its own way is left unchanged. `seconds` is how long checks took in earlier runs, by node id.
    """

    def __init__(self, config: pytest.Config, store: ResultStore, seconds: Mapping[str, float]) -> None:
        self._config = config
        self._store = store
        self._verbosity = config.get_verbosity(pytest.Config.VERBOSITY_TEST_CASES)
        self._terminal: Any = config.pluginmanager.getplugin("terminalreporter")
        self._writes_lines = _is_plain(self._terminal)
        self._buffer: BufferedWrites | None = None
        self._done = 0
        if self._terminal is not None:
            self._terminal.showfspath = False  # checks of many files finish in turn
            writer = config.get_terminal_writer()
            self._progress = Progress(writer)
            self._buffer = BufferedWrites(writer, rows=self._has_rows())
        self._pulse = self._make_pulse(seconds)
        self._terminal_asks = False
        self._letters = PassedLetters(config, self._terminal, self._has_letter)
        if self._writes_lines:
            self._watch_status_requests()

    @property
    def due(self) -> float:
        """When to look next, even if nothing happens."""
        return self._pulse.due

    def watched(self) -> AbstractContextManager[None]:
        """Within the block checks run on workers, and `look` is called again and again."""
        return self._pulse.shown()

    def look(self, now: float, running: Callable[[], Attempts]) -> None:
        """Shows how far the run is, where that is due."""
        self._pulse.look(now, lambda: self._described(running()))

    def batch(self) -> AbstractContextManager[None]:
        """Output within the block is written at its end, or at once when it contains a line of a check."""
        return nullcontext() if self._buffer is None else self._buffer.batch()

    def close(self) -> None:
        """No further check runs. Where no row of letters is under way pytest writes no percentage at the end of one."""
        if self._writes_lines and not self._config.get_terminal_writer().width_of_current_line:
            self._terminal._show_progress_info = False  # noqa: SLF001
        if self._buffer is not None:
            self._buffer.close()

    def finished(self, check: int) -> None:
        """A check is over; its result is in the store."""
        self._done += 1
        entry = self._store.entry(check)
        seconds = entry.attempts[-1].duration if entry.attempts else 0.0
        self._pulse.finished(check, self._store.outcome(check), seconds)
        if self._has_line(marked=self._store.check(check).marked):
            with self._whole_lines():
                self._progress.finished(self._store.result(check), self._percentage())

    def running(self, now: float, checks: Attempts) -> None:
        """The running checks: a signal has requested it, or the run ends early."""
        self._show_running(now, self._described(checks))

    def printed(self, line: Line) -> None:
        """A line of output under `-s`, with the name of its source."""
        text = f"[{line.source}] {line.text}"
        if line.stream == "stdout" and self._terminal is not None:
            with self._whole_lines():
                self._terminal.write_line(text)
        else:
            print(text, file=sys.stdout if line.stream == "stdout" else sys.stderr, flush=True)

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None:
        """A check has been running for another period."""
        if self._terminal is not None and self._verbosity >= 0:
            with self._whole_lines():
                self._progress.slow(self._store.check(check), worker, seconds, where)

    def progressed(self, text: str) -> None:
        """How far it is with what is done after the checks."""
        self.noted(text)

    def noted(self, text: str) -> None:
        """Something happened that people should know at once."""
        if self._terminal is not None:
            with self._whole_lines():
                for line in fitted([f"agents: {text}"], self._config.get_terminal_writer().fullwidth):
                    self._terminal.write_line(line, yellow=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logstart(self) -> Generator[None]:
        """Silences the terminal, which with `-v` would announce a check that runs in this process: its line follows."""
        if not self._writes_lines:
            return (yield)
        self._terminal.write_ensure_prefix = _write_nothing
        try:
            return (yield)
        finally:
            del self._terminal.write_ensure_prefix

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self, report: Any) -> Generator[None, Any, Any]:
        """Removes the letter where a line follows, from the terminal alone; the counts stay."""
        status = yield
        if report.outcome == RERUN and status[:2] != (RERUN, "R"):  # no plugin handles the outcome
            status = (RERUN, "R", ("RERUN", {"yellow": True}))
        if not self._terminal_asks or self._verbosity < 0 or isinstance(report, SubtestReport):
            return status
        if not self._has_line(marked="agent" in report.keywords):
            return status
        self._terminal._progress_nodeids_reported.add(identity(report))  # noqa: SLF001
        return status[0], "", ""

    def _make_pulse(self, seconds: Mapping[str, float]) -> Pulse:
        buffer = self._buffer
        if buffer is None or self._verbosity < 0:
            return Silence()
        if not (self._writes_lines and can_be_live(self._config, buffer)):
            return Heartbeat(lambda: buffer.releases, self._show_running)
        estimates = {check: seconds[nodeid] for check, nodeid in self._store.nodeids() if nodeid in seconds}
        return Live(LiveArea(self._config.get_terminal_writer(), estimates, self._store.total), buffer)

    def _described(self, attempts: Attempts) -> list[Running]:
        return [Running(self._store.check(check), worker, start) for check, worker, start in attempts]

    def _show_running(self, now: float, checks: Sequence[Running]) -> None:
        if self._terminal is not None and self._verbosity >= 0:
            with self._whole_lines():
                self._progress.running(now, checks, f"{self._done:,} of {self._store.total:,} checks done")

    def _watch_status_requests(self) -> None:
        """Records when it is the terminal that requests a status."""
        implementations: list[Any] = self._config.hook.pytest_runtest_logreport.get_hookimpls()
        for implementation in implementations:
            if implementation.plugin is self._terminal:
                implementation.function = self._pass_to_terminal

    def _pass_to_terminal(self, report: Any) -> None:
        if self._letters.write(report):
            return
        self._terminal_asks = True
        try:
            self._terminal.pytest_runtest_logreport(report)
        finally:
            self._terminal_asks = False

    def _has_line(self, *, marked: bool) -> bool:
        return self._writes_lines and (self._verbosity > 0 or (self._verbosity == 0 and marked))

    def _has_letter(self, check: int) -> bool:
        return not self._has_line(marked=self._store.check(check).marked)

    def _has_rows(self) -> bool:
        """Whether letters of plain tests and lines of marked checks are written in turn, and no other plugin writes."""
        is_shared = self._config.getoption("capture", "no") == "no" or self._config.stash[OPTIONS].interactive
        return self._writes_lines and self._verbosity == 0 and not is_shared

    def _percentage(self) -> str:
        """The percentage of checks that are over, where pytest would write it."""
        if self._verbosity <= 0 or not getattr(self._terminal, "_show_progress_info", False):
            return ""
        return f"[{self._done * 100 // max(1, self._store.total):3d}%]"

    @contextmanager
    def _whole_lines(self) -> Iterator[None]:
        """Writes whole lines: between rows of letters, or else in a line of their own."""
        if self._buffer is not None and self._has_rows():
            with self._buffer.above_row():
                yield
            return
        if self._config.get_terminal_writer().width_of_current_line:
            self._terminal.write_line("")
        yield


def _is_plain(terminal: object) -> bool:
    """Whether it shows reports as pytest's own reporter does."""
    shows = getattr(type(terminal), "pytest_runtest_logreport", None)
    return shows is TerminalReporter.pytest_runtest_logreport


def _write_nothing(prefix: str, extra: str = "", **markup: bool) -> None:
    """Replaces the terminal's method of the same arguments."""
