"""What a run with failed tests runs a second time, and why it does not when it does not."""

from __future__ import annotations

import math
from collections.abc import Callable

from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.stop_reason import Interrupted, StopReason
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.options import RootCause
from pytest_parallel_agents.session.planning import PlannedRun


class Localizing:
    """Begins when the first pass is over. `note` is for people who wait."""

    def __init__(self, planned: PlannedRun, store: ResultStore, clock: RunClock, note: Callable[[str], None]) -> None:
        self._planned = planned
        self._session = planned.session
        self._options = planned.options
        self._store = store
        self._clock = clock
        self._note = note

    def after(self, reason: StopReason | None, pool: WorkerPool) -> Measured:
        """See which failed tests pass alone, and which lines all of them execute, as far as there is time for it."""
        first_pass = self._clock.now()
        if not self._session.testsfailed:
            return Measured()
        if self._left <= 0 or (reason is not None and not isinstance(reason, Interrupted)):
            return Measured(missing="the run had to end")
        if self._options.recheck:
            from pytest_parallel_agents.controller.afterwards.recheck import Recheck

            Recheck(self._session, self._store, pool).run(self._options.cpus, self._left)
        if self._options.root_cause is RootCause.OFF:
            return Measured(missing="root causes are not looked for (--agents-root-cause=off)")
        return self._measured(pool, first_pass)

    @property
    def _left(self) -> float:
        """Of the run's time limit."""
        limit = self._options.limits.run
        return math.inf if limit is None else limit - self._clock.now()

    def _measured(self, pool: WorkerPool, first_pass: float) -> Measured:
        """Nothing that goes wrong here changes how the run ends."""
        from pytest_parallel_agents.controller.afterwards.second_pass import SecondPass

        try:
            second = SecondPass(
                session=self._session,
                plan=self._planned.plan,
                results=self._store.results(),
                pool=pool,
                note=self._note,
            )
            return second.run(self._options.cpus, first_pass=first_pass, left=self._left)
        except Exception as error:  # noqa: BLE001 - the run is over, and its failures are to be shown
            return Measured(missing=f"they could not be recorded: {error!r}")
