"""Replays the reports of workers in the controller, for its plugins: terminal, JUnit, cache and all others.

Results are left to `outcome_writer`.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Final

import pytest

from pytest_parallel_agents.compat.xdist import WorkerNode, handle_crash
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.runtest.attempts import RERUN
from pytest_parallel_agents.wire import junit_records
from pytest_parallel_agents.wire.messages import Phase, Warned
from pytest_parallel_agents.wire.report_codec import Decoder, PassedReport, report_failure, report_skip

IGNORING_STARTS: Final = frozenset({"terminalreporter", "logging-plugin", "parallel-agents-display"})
"""Plugins that need no start of a check: the terminal would announce it, and the line of a finished check is better.
They do nothing at its end either, unless logs are shown live.

A plugin that took the name of one of pytest's is another plugin, as far as it has methods of its own.
"""

IGNORING_PASSED_FRAMES: Final = frozenset(
    {"terminalreporter", "logging-plugin", "session", "lfplugin", "nfplugin", "stepwiseplugin"}
    | {"parallel-agents-local", "parallel-agents-display"}
)
"""pytest's own plugins that do nothing when a set-up or a tear-down has passed.

Two of three reports of a passed check are such; when no other plugin needs them they are not made. With `--durations`
the terminal does need them."""

_KNOWN: Final = ("_pytest.", "pytest_parallel_agents.")

PASSED_PHASES: Final = 3
"""How many phases a check has that passed with nothing but its times. With fewer it is not known whether it passed."""


class Replay:
    """Makes reports of checks that ran elsewhere, and calls the hooks of the run protocol with them."""

    def __init__(self, session: pytest.Session, testrunuid: str) -> None:
        self._session = session
        self._hook = session.config.hook
        self._testrunuid = testrunuid
        self._decoder = Decoder(session.config)
        self._logstart = _without(session.config, "pytest_runtest_logstart", IGNORING_STARTS)
        needed = {"terminalreporter"} if session.config.getoption("durations") is not None else set()
        self._logreport = _without(session.config, "pytest_runtest_logreport", IGNORING_PASSED_FRAMES - needed)
        live_logs = {"logging-plugin"} if _shows_live_logs(session.config) else set()
        self._logfinish = _without(session.config, "pytest_runtest_logfinish", IGNORING_STARTS - live_logs)
        self._finish_is_located = self._logfinish is not None and _asks_for("location", self._logfinish)

    def decode(self, check: int, phases: Sequence[Phase]) -> list[pytest.TestReport]:
        """The reports of a check."""
        item = self._session.items[check]
        return [self._decoder.decode(item, phase) for phase in phases]

    def show_passed(self, check: int, node: WorkerNode, phases: Sequence[Phase]) -> None:
        """Shows a check that has passed with nothing but its times to the plugins that need it."""
        item = self._session.items[check]
        self._start(item)
        for phase in phases:
            listeners = self._hook.pytest_runtest_logreport if phase.when == "call" else self._logreport
            if listeners is not None:
                listeners(report=self._signed(check, node, PassedReport(item, phase)))
        self._finish(item)

    def show(self, check: int, node: WorkerNode, reports: Sequence[pytest.TestReport]) -> None:
        """Shows plugins all reports of a check."""
        item = self._session.items[check]
        self._start(item)
        for report in reports:
            self.show_late(check, node, report)
        self._finish(item)

    def show_late(self, check: int, node: WorkerNode, report: pytest.TestReport) -> None:
        """Shows plugins a further report of a check that they know."""
        signed = self._signed(check, node, report)  # JUnit knows a check's element by its node
        junit_records.record_for_check(self._session.config, signed)
        self._hook.pytest_runtest_logreport(report=signed)

    def show_skipped(self, check: int, node: WorkerNode | None, reason: str) -> None:
        """Shows plugins that the check was skipped, whatever it did."""
        item = self._session.items[check]
        report = report_skip(item, reason)
        self._start(item)
        self._hook.pytest_runtest_logreport(report=report if node is None else self._signed(check, node, report))
        self._finish(item)

    def failure(
        self,
        check: int,
        text: str,
        outcome: Outcome,
        sections: Sequence[tuple[str, str]] = (),
        *,
        again: bool = False,
    ) -> list[pytest.TestReport]:
        """The report of a check that could not report: a lost worker's, or one that was not found.

        With `again` it is that of an attempt with a pending retry.
        """
        item = self._session.items[check]
        report = report_failure(item, text, when="setup" if outcome is Outcome.ERROR else "call")
        report.sections.extend(sections)
        if again:
            report.outcome = RERUN  # type: ignore[assignment]
        elif outcome is Outcome.CRASHED:
            handle_crash(self._session.config, report)
        return [report]

    def as_failed(self, reports: Sequence[pytest.TestReport]) -> None:
        """No other attempt follows the one with these reports, so it has failed."""
        for report in reports:
            if str(report.outcome) == RERUN:
                report.outcome = "failed"

    def as_passed(self, reports: Sequence[pytest.TestReport]) -> None:
        """The failure that is among the reports does not count."""
        for report in reports:
            if report.failed:
                report.outcome, report.longrepr = "passed", None

    def crashed(self, report: pytest.TestReport) -> None:
        """Shows the report of a crashed check to plugins that handle crashes."""
        handle_crash(self._session.config, report)

    def warning(self, warned: Warned) -> None:
        self._decoder.replay_warning(warned)

    def _start(self, item: pytest.Item) -> None:
        if self._logstart is not None:
            self._logstart(nodeid=item.nodeid, location=item.location)

    def _finish(self, item: pytest.Item) -> None:
        """Finding where an item is defined takes longer than all the rest, so it is done only for plugins that
        need it.
        """
        if self._logfinish is not None:
            self._logfinish(nodeid=item.nodeid, location=item.location if self._finish_is_located else None)

    def _signed(self, check: int, node: WorkerNode, report: pytest.TestReport) -> pytest.TestReport:
        """The report with what xdist adds to it. All attempts have the last one's node, or JUnit would count them."""
        report.node = node  # type: ignore[attr-defined]
        report.item_index = check  # type: ignore[attr-defined]
        report.worker_id = node.gateway.id  # type: ignore[attr-defined]
        report.testrun_uid = self._testrunuid  # type: ignore[attr-defined]
        return report


def is_plain_pass(phases: Sequence[Phase]) -> bool:
    """Whether the check has passed, and has nothing to report but its times."""
    if len(phases) != PASSED_PHASES:
        return False
    setup, call, teardown = phases
    return setup.report is call.report is teardown.report is None


def _without(config: pytest.Config, hook: str, ignoring: Container[str]) -> Any:
    """The hook's caller without pytest's and our plugins of these names; None if no other plugin implements it."""
    named = [plugin for name, plugin in config.pluginmanager.list_name_plugin() if name in ignoring and plugin]
    removed = [each for each in named if _module_of(getattr(each, hook, None)).startswith(_KNOWN)]
    try:
        caller = config.pluginmanager.subset_hook_caller(hook, removed)
    except TypeError:  # pluggy compares plugins by their hash, and a listener has none
        caller = getattr(config.hook, hook)
    return caller if caller.get_hookimpls() else None


def _shows_live_logs(config: pytest.Config) -> bool:
    plugin: Any = config.pluginmanager.getplugin("logging-plugin")
    return plugin is not None and bool(plugin._log_cli_enabled())  # noqa: SLF001


def _module_of(method: object) -> str:
    return str(getattr(method, "__module__", ""))


def _asks_for(argument: str, caller: Any) -> bool:
    return any(argument in implementation.argnames for implementation in caller.get_hookimpls())
