"""What workers report happens again in the controller, for its plugins: terminal, JUnit, cache and all others."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Final

import pytest

from pytest_parallel_agents.compat.xdist import WorkerNode, handle_crash
from pytest_parallel_agents.controller.results import ResultStore
from pytest_parallel_agents.model import Outcome
from pytest_parallel_agents.runtest.attempts import RERUN
from pytest_parallel_agents.wire import junit_records
from pytest_parallel_agents.wire.messages import Phase, Warned
from pytest_parallel_agents.wire.report_codec import Decoder, PassedReport, report_failure, report_skip

STARTS_UNHEARD: Final = frozenset({"terminalreporter", "logging-plugin", "parallel-agents-display"})
"""The terminal would announce each check at its start, and the line of a finished one says it better."""

PASSED_FRAMES_UNHEARD: Final = frozenset(
    {"terminalreporter", "logging-plugin", "session", "lfplugin", "nfplugin", "stepwiseplugin"}
    | {"parallel-agents-local", "parallel-agents-display"}
)
"""pytest's own plugins that do nothing when a set-up or a tear-down has passed.

Two of three reports of a passed check are such; when nobody else listens they need not be made. With `--durations` the
terminal does listen.
"""

PASSED_PHASES: Final = 3
"""How many a check has that passed and has nothing to say. With fewer it is not known whether it did."""


class Replay:
    """Calls the hooks of the run protocol for checks that ran elsewhere, and keeps the ledger."""

    def __init__(self, session: pytest.Session, store: ResultStore, testrunuid: str) -> None:
        self._session = session
        self._hook = session.config.hook
        self._store = store
        self._testrunuid = testrunuid
        self._decoder = Decoder(session.config)
        self._logstart = _without(session.config, "pytest_runtest_logstart", STARTS_UNHEARD)
        heard = {"terminalreporter"} if session.config.getoption("durations") is not None else set()
        self._logreport = _without(session.config, "pytest_runtest_logreport", PASSED_FRAMES_UNHEARD - heard)
        self._finish_is_located = _asks_for("location", self._hook.pytest_runtest_logfinish)

    def phases(self, check: int, node: WorkerNode, phases: Sequence[Phase]) -> None:
        """All reports of a finished check."""
        if len(phases) == PASSED_PHASES and all(phase.report is None for phase in phases):
            item = self._session.items[check]
            self._start(item)
            self._passed(check, item, node, phases)
            self._finish(item)
        else:
            self.tell(check, node, self.record(check, phases))

    def record(self, check: int, phases: Sequence[Phase]) -> list[pytest.TestReport]:
        """The reports of a finished check, which the ledger knows now but nobody has been told."""
        item = self._session.items[check]
        reports = [self._decoder.decode(item, phase) for phase in phases]
        for report in reports:
            self._store.report(check, report)
        return reports

    def tell(self, check: int, node: WorkerNode, reports: Sequence[pytest.TestReport]) -> None:
        """Tell all plugins of recorded reports."""
        item = self._session.items[check]
        self._start(item)
        for report in reports:
            self._tell(self._signed(check, node, report))
        self._finish(item)

    def skip(self, check: int, node: WorkerNode | None, reason: str) -> None:
        """Tell all plugins that the check was skipped, whatever it did."""
        item = self._session.items[check]
        report = report_skip(item, reason)
        self._start(item)
        self._hook.pytest_runtest_logreport(report=report if node is None else self._signed(check, node, report))
        self._finish(item)

    def late(self, check: int, node: WorkerNode, phase: Phase) -> None:
        """A report that came after its check had finished. One that passed has only to be kept."""
        for report in self.record(check, [phase]):
            if not report.passed:
                self._tell(self._signed(check, node, report))

    def failure(
        self,
        check: int,
        text: str,
        outcome: Outcome,
        sections: Sequence[tuple[str, str]] = (),
        *,
        again: bool = False,
    ) -> list[pytest.TestReport]:
        """The report of a check that could not report: a lost worker's, or one that was not found. To be told.

        With `again` it is one of an attempt that another will follow.
        """
        item = self._session.items[check]
        report = report_failure(item, text, when="setup" if outcome is Outcome.ERROR else "call")
        report.sections.extend(sections)
        if again:
            report.outcome = RERUN  # type: ignore[assignment]
        elif outcome is Outcome.CRASHED:
            handle_crash(self._session.config, report)
        self._store.lost(check, report, outcome, text.partition("\n")[0])
        return [report]

    def settle(self, check: int, reports: Sequence[pytest.TestReport]) -> None:
        """No other attempt follows the one with these reports, so it has failed. To be told."""
        for report in reports:
            if str(report.outcome) == RERUN:
                report.outcome = "failed"
        if self._store.settle(check, reports) is Outcome.CRASHED:
            handle_crash(self._session.config, reports[-1])

    def warning(self, warned: Warned) -> None:
        self._decoder.replay_warning(warned)

    def crash_message(self, check: int, worker: str, exit_status: str, setup: str) -> str:
        """Why a check whose worker was lost has no report of its own. `setup` is where it stood, if that is known."""
        return _placed(f"worker {worker} {exit_status} while it ran {self._store.check(check).nodeid}", setup)

    def timeout_message(self, check: int, worker: str, setup: str) -> str:
        """Why a check that was ended has no report of its own."""
        return _placed(f"ran into its time limit of {self._store.check(check).timeout:g} s on worker {worker}", setup)

    def _tell(self, report: pytest.TestReport) -> None:
        junit_records.record_for_check(self._session.config, report)
        self._hook.pytest_runtest_logreport(report=report)

    def _start(self, item: pytest.Item) -> None:
        if self._logstart is not None:
            self._logstart(nodeid=item.nodeid, location=item.location)

    def _finish(self, item: pytest.Item) -> None:
        """To find where an item is defined takes longer than all the rest, so it is done for those who ask."""
        location = item.location if self._finish_is_located else None
        self._hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=location)

    def _passed(self, check: int, item: pytest.Item, node: WorkerNode, phases: Sequence[Phase]) -> None:
        """The reports of a check that has nothing to say but its times, for those who listen."""
        self._store.passed(check)
        for phase in phases:
            listeners = self._hook.pytest_runtest_logreport if phase.when == "call" else self._logreport
            if listeners is not None:
                listeners(report=self._signed(check, node, PassedReport(item, phase)))

    def _signed(self, check: int, node: WorkerNode, report: pytest.TestReport) -> pytest.TestReport:
        """The report with what xdist adds to it. All attempts bear the last one's node, or JUnit would count them."""
        report.node = node  # type: ignore[attr-defined]
        report.item_index = check  # type: ignore[attr-defined]
        report.worker_id = node.gateway.id  # type: ignore[attr-defined]
        report.testrun_uid = self._testrunuid  # type: ignore[attr-defined]
        return report


def _placed(text: str, setup: str) -> str:
    return f"{text}, {setup}" if setup else text


def _without(config: pytest.Config, hook: str, unheard: Container[str]) -> Any:
    """The hook's caller without plugins of these names; None if nobody else listens."""
    removed = [plugin for name, plugin in config.pluginmanager.list_name_plugin() if name in unheard and plugin]
    try:
        caller = config.pluginmanager.subset_hook_caller(hook, removed)
    except TypeError:  # pluggy compares plugins by their hash, and a listener has none
        caller = getattr(config.hook, hook)
    return caller if caller.get_hookimpls() else None


def _asks_for(argument: str, caller: Any) -> bool:
    return any(argument in implementation.argnames for implementation in caller.get_hookimpls())
