"""The checks of a plan in the controller's own process, where workers would cost more than they save."""

from __future__ import annotations

from pytest_parallel_agents.compat.distribution import read_as_controller
from pytest_parallel_agents.controller.observations import Observations
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.options import RootCause
from pytest_parallel_agents.scheduling.sequence import serial_order
from pytest_parallel_agents.session.localizing import Localizing
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.session.serial import LocalRun


class RunHere:
    """`measured` is what a second pass over failed tests has found."""

    def __init__(self, planned: PlannedRun, store: ResultStore, origin: float) -> None:
        self._planned = planned
        self._session = planned.session
        self._store = store
        self._clock = RunClock(origin)
        self.measured = Measured()

    def run(self, local: LocalRun, observer: Observer) -> None:
        """Runs every check. Raises what pytest's own loop would raise when the run ends early."""
        read_as_controller(self._session.config, 0)
        observed = self._observed()
        ended_early: BaseException | None = None
        try:
            local.run(serial_order(self._planned.plan))
        except (self._session.Failed, self._session.Interrupted) as error:
            ended_early = error
        if self._session.testsfailed:
            from pytest_parallel_agents.session.measuring_here import measure_here

            localizing = Localizing(self._planned, self._store, self._clock, observed, observer.noted)
            self.measured = measure_here(self._planned, self._store, self._clock, localizing, observer)
        if ended_early is not None:
            raise ended_early

    def _observed(self) -> Observations:
        """What is seen of the checks as they run, if that is wanted."""
        observed = Observations()
        if self._planned.options.root_cause is RootCause.ALWAYS:
            from pytest_parallel_agents.worker.covered import cover

            numbers = {item: number for number, item in enumerate(self._session.items)}
            cover(self._session.config, observed.note, numbers.get)
        return observed
