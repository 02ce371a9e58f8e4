"""The terminal of a run that a coding assistant reads: no progress, no colours, and only so much of anything."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from math import inf
from typing import Any, Final

import pytest

from pytest_parallel_agents.controller.observers import Attempts
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.bounded_file import BoundedFile, Room
from pytest_parallel_agents.reports.terminal.compact import MOST_BYTES, MOST_LINES, compact_lines
from pytest_parallel_agents.runtest.live_output import Line

ALL: Final = "--agents-output=human shows all"
WIDTH: Final = 80


class Compact:
    """Bounds the terminal: at most 200 lines and 16 kB together, of which pytest's last line is one."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._ours = Room(lines=MOST_LINES, size=MOST_BYTES)
        self._others = Room(lines=45, size=3_500)
        self._file: BoundedFile | None = None
        self._style = ""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        terminal: Any = self._config.pluginmanager.getplugin("terminalreporter")
        if terminal is None:
            return
        self._style = self._config.option.tbstyle
        writer = self._config.get_terminal_writer()
        self._file = BoundedFile(writer._file)  # noqa: SLF001
        writer._file = self._file  # noqa: SLF001
        writer.fullwidth = WIDTH
        writer.hasmarkup = terminal.hasmarkup = False
        if not any(str(word).startswith("-r") for word in self._config.invocation_params.args):
            terminal.reportchars = ""
        self._config.add_cleanup(self._close)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self) -> None:
        self._speak()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self._speak()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self) -> Generator[None, object, object]:
        """Keeps pytest from showing the failures, which stand in the summary."""
        option = self._config.option
        option.tbstyle = "no"
        try:
            return (yield)
        finally:
            option.tbstyle = self._style

    def audible(self) -> AbstractContextManager[None]:
        """What is written within the block is shown, as far as there is room."""
        return nullcontext() if self._file is None else self._file.using(self._others)

    def display(self) -> QuietDisplay:
        """What watches the run."""
        return QuietDisplay(self._config, self)

    def write(self, report: Report) -> None:
        """Writes the summary."""
        if self._file is not None:
            writer = self._config.get_terminal_writer()
            with self._file.using(self._ours):
                for line in compact_lines(report, excerpts=self._style != "no"):
                    writer.line(line)

    def _speak(self) -> None:
        if self._file is not None:
            self._file.use(self._others)

    def _close(self) -> None:
        if self._file is not None:
            self._file.finish(self._others, ALL)
            self._config.get_terminal_writer()._file = self._file.file  # noqa: SLF001


class QuietDisplay:
    """Watches a run and shows nothing but notes, and output under `-s`."""

    due = inf

    def __init__(self, config: pytest.Config, compact: Compact) -> None:
        self._terminal: Any = config.pluginmanager.getplugin("terminalreporter")
        self._compact = compact

    def watched(self) -> AbstractContextManager[None]:
        return nullcontext()

    def look(self, now: float, running: Callable[[], Attempts]) -> None: ...

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None: ...

    def finished(self, check: int) -> None: ...

    def running(self, now: float, checks: Attempts) -> None: ...

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None: ...

    def progressed(self, text: str) -> None: ...

    def printed(self, line: Line) -> None:
        self._write(f"[{line.source}] {line.text}")

    def noted(self, text: str) -> None:
        self._write(f"agents: {text}")

    def _write(self, text: str) -> None:
        if self._terminal is not None:
            with self._compact.audible():
                self._terminal.write_line(text)
