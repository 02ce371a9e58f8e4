"""The letter of a test that has passed, written as pytest's terminal writes it, with a third of the work.

For each report the terminal calls a hook to learn its status, and looks up how to show it. Where only pytest's plugins
implement the hook, the answer is the same for all tests that have passed with nothing but their times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from _pytest.terminal import TerminalReporter

from pytest_parallel_agents.wire.report_codec import PassedReport
from pytest_parallel_agents.wire.report_data import identity

_KNOWN: Final = ("_pytest.", "pytest_parallel_agents.")
_STATUS: Final = ("passed", ".", "PASSED")


class PassedLetters:
    """Stands in for `terminal.pytest_runtest_logreport` where letters are shown.

    `has_letter` is whether a check has one. With `terminal` None, or one that is not pytest's own, nothing is written.
    """

    def __init__(self, config: pytest.Config, terminal: Any, has_letter: Callable[[int], bool]) -> None:
        self._terminal = terminal
        self._has_letter = has_letter
        self._hook = config.hook.pytest_report_teststatus
        shows_letters = config.get_verbosity(pytest.Config.VERBOSITY_TEST_CASES) <= 0
        self._is_possible = shows_letters and _is_own(terminal)
        self._implementations: list[Any] = []

    def write(self, report: Any) -> bool:
        """Writes the letter of a report of a call phase. False, and nothing is written, if pytest has to do it."""
        if not self._is_possible or type(report) is not PassedReport or not self._is_plain(report):
            return False
        terminal = self._terminal
        terminal._current_logreport = report  # noqa: SLF001
        terminal._tests_ran = True  # noqa: SLF001
        terminal._add_stats("passed", [report])  # noqa: SLF001
        terminal._progress_nodeids_reported.add(identity(report))  # noqa: SLF001
        terminal._tw.write(".", green=True)  # noqa: SLF001
        if terminal._show_progress_info and not terminal._is_last_item:  # noqa: SLF001
            terminal._write_progress_information_if_past_edge()  # noqa: SLF001
        terminal.flush()
        return True

    def _is_plain(self, report: Any) -> bool:
        if report.when != "call" or report.outcome != "passed" or hasattr(report, "wasxfail"):
            return False  # a plugin has changed it
        return self._has_letter(report.item_index) and self._is_status_known(report)

    def _is_status_known(self, report: Any) -> bool:
        """Asks once, and again when a plugin has come or gone."""
        implementations = self._hook.get_hookimpls()
        if implementations != self._implementations:
            known = all(_module_of(each.function).startswith(_KNOWN) for each in implementations)
            if not known or self._hook(report=report, config=self._terminal.config) != _STATUS:
                self._is_possible = False
                return False
            self._implementations = implementations
        return True


def _is_own(terminal: Any) -> bool:
    """Whether it is pytest's own, and nobody has replaced how it shows reports."""
    shows: object = TerminalReporter.pytest_runtest_logreport
    replaced = "pytest_runtest_logreport" in getattr(terminal, "__dict__", ())
    return type(terminal) is TerminalReporter and not replaced and _module_of(shows) == "_pytest.terminal"


def _module_of(function: object) -> str:
    return str(getattr(function, "__module__", ""))
