"""Checks that run in the controller's own process, one after another, as pytest itself would run them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from pytest_parallel_agents.controller.results.outcome_writer import Outcomes
from pytest_parallel_agents.early_bound import builtins, time
from pytest_parallel_agents.runtest.attempts import Attempts, ClockSpan
from pytest_parallel_agents.runtest.leak_detection import LEAKS
from pytest_parallel_agents.session.early_end import stop_if_wanted
from pytest_parallel_agents.wire.report_data import shorten_sections

__builtins__ = builtins

CONTROLLER = "controller"


class LocalRun:
    """Runs checks here. Their reports reach the results through the hook that every plugin gets."""

    def __init__(
        self, session: pytest.Session, outcomes: Outcomes, origin: float, finished: Callable[[int], None]
    ) -> None:
        self._session = session
        self._outcomes = outcomes
        self._origin = origin
        self._finished = finished
        self._current: int | None = None
        self._failed: list[ClockSpan] = []
        session.config.pluginmanager.register(self, "parallel-agents-local")

    def run(self, checks: Sequence[int]) -> None:
        """Runs these in order; stops where the session is to stop, as its own loop does."""
        items = [self._session.items[check] for check in checks]
        attempts = Attempts(self._session.config)
        for check, item, following in zip(checks, items, [*items[1:], None], strict=False):
            self._current = check
            self._failed = []
            start = time.monotonic()
            try:
                for turn, after in attempts.run(item, partial(_known, following), self):
                    turn.config.hook.pytest_runtest_protocol(item=turn, nextitem=after)
            except KeyboardInterrupt:
                self._outcomes.cancelled(check, "interrupted")
                self._ran(check, (start, time.monotonic()))
                raise
            finally:
                attempts.modules.restore()
            self._ran(check, *self._failed, attempts.span)
            self._finished(check)
            self._report_leaks()
            stop_if_wanted(self._session)

    def failed(self, span: ClockSpan) -> None:
        """Records an attempt that is followed by another."""
        self._failed.append(span)

    def again(self, at: float) -> None:
        """Does nothing: its start is not needed here."""

    def _ran(self, check: int, *spans: ClockSpan) -> None:
        self._outcomes.ran(check, [(CONTROLLER, (a - self._origin, b - self._origin)) for a, b in spans])

    def _report_leaks(self) -> None:
        """Reports leaks of checks that were over. One that passed is only recorded."""
        config = self._session.config
        for item, report in config.stash[LEAKS].late():
            self._current = self._session.items.index(item)
            if report.passed:
                self._outcomes.report(self._current, report)
            else:
                config.hook.pytest_runtest_logreport(report=report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        shorten_sections(report)
        if self._current is not None and not hasattr(report, "node"):
            self._outcomes.report(self._current, report)


def _known(node: pytest.Item | None) -> pytest.Item | None:
    return node
