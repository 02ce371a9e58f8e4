"""The checks of a plan in the controller's own process, where workers would cost more than they save."""

from __future__ import annotations

from pytest_parallel_agents.compat.distribution import read_as_controller
from pytest_parallel_agents.controller.observations import Observations
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.options import RootCause
from pytest_parallel_agents.scheduling.budget import Budget
from pytest_parallel_agents.session.budget_here import BudgetHere
from pytest_parallel_agents.session.early import end_early
from pytest_parallel_agents.session.localizing import Localizing
from pytest_parallel_agents.session.planning import PlannedRun


class RunHere:
    """What is done before and after the checks of a plan run here, by a `LocalRun` within the context.

    `measured` is what a second pass over failed tests has found.
    """

    def __init__(self, planned: PlannedRun, store: ResultStore, origin: float, observer: Observer) -> None:
        self._planned = planned
        self._session = planned.session
        self._store = store
        self._clock = RunClock(origin)
        self._observer = observer
        self._observed = Observations()
        self.measured = Measured()

    def __enter__(self) -> None:
        end_early(self._session.config)
        read_as_controller(self._session.config, 0)
        plan = self._planned.plan
        if plan.budget is not None:
            budget = BudgetHere(Budget(plan.budget, plan.reserves), self._session.items, self._store)
            self._session.config.pluginmanager.register(budget, "parallel-agents-budget")
        if self._planned.options.root_cause is RootCause.ALWAYS:
            from pytest_parallel_agents.worker.covered import cover

            numbers = {item: number for number, item in enumerate(self._session.items)}
            cover(self._session.config, self._observed.note, numbers.get)

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        ended = error is None or isinstance(error, self._session.Failed | self._session.Interrupted)
        if ended and self._session.testsfailed:
            from pytest_parallel_agents.session.measuring_here import measure_here

            localizing = Localizing(self._planned, self._store, self._clock, self._observed, self._observer.progressed)
            self.measured = measure_here(self._planned, self._store, self._clock, localizing, self._observer)
