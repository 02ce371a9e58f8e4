"""Whether the run ends early, and why."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.signals import REPORT_SIGNAL, Signals
from pytest_parallel_agents.controller.stop_reason import Interrupted, StopReason
from pytest_parallel_agents.scheduling import events


class Stopping:
    """`reason` is the first one. From then on no check is started; running ones may end."""

    def __init__(self, session: pytest.Session, running_checks: RunningChecks, pending: PendingEvents) -> None:
        self.signals = Signals()
        self.reason: StopReason | None = None
        self._session = session
        self._running_checks = running_checks
        self._pending = pending

    def request(self, reason: StopReason) -> None:
        """Starts no further check. Reports the running ones."""
        if self.reason is not None:
            return
        self.reason = reason
        now = self._pending.now()
        if self._running_checks.all():
            self._running_checks.report(now)
        self._pending.put(events.RunStopped(time=now))

    def request_if_session_wants(self, wish: str = "", *, fails: bool = False) -> None:
        """Stops if the session is to stop, here or in a worker, which reports that as `wish`. `fails` is whether the
        worker's has failed by it.
        """
        if fails:
            self._session.shouldfail = self._session.shouldfail or wish
        if text := self._session.shouldfail or self._session.shouldstop or wish:
            self.request(Interrupted(str(text)))

    def run_out_of_time(self, reason: str) -> None:
        """The run's time limit has passed."""
        self._session.shouldfail = self._session.shouldfail or reason
        self.request(Interrupted(reason))

    def answer_signals(self) -> None:
        """Reports the running checks if a signal has requested it. Raises KeyboardInterrupt if the run is to end."""
        for number in self.signals.take():
            if number != REPORT_SIGNAL:
                raise KeyboardInterrupt
            self._running_checks.report(self._pending.now())
