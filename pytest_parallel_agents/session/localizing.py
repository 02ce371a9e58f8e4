"""What a run with failed tests runs a second time, and why it does not when it does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from pytest_parallel_agents.controller.observations import Observations
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.stop_reason import Interrupted, StopReason
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.convergence.evidence import Measured, Samples
from pytest_parallel_agents.options import RootCause
from pytest_parallel_agents.session.planning import PlannedRun

OFF = "root causes are not looked for (--agents-root-cause=off)"


class Localizing:
    """Begins when the first pass is over, in which workers have `observed` something. `note` is for people who wait."""

    def __init__(
        self,
        planned: PlannedRun,
        store: ResultStore,
        clock: RunClock,
        observed: Observations,
        note: Callable[[str], None],
    ) -> None:
        self._planned = planned
        self._session = planned.session
        self._options = planned.options
        self._store = store
        self._clock = clock
        self._observed = observed
        self._note = note

    def after(self, reason: StopReason | None, pool: WorkerPool) -> Measured:
        """See which failed tests pass alone, and which lines all of them execute, as far as there is time for it."""
        if not self._session.testsfailed:
            return Measured()
        first_pass = self._clock.now()
        may_go_on = self._left > 0 and (reason is None or isinstance(reason, Interrupted))
        if self._options.recheck and may_go_on:
            from pytest_parallel_agents.controller.afterwards.recheck import Recheck

            Recheck(self._session, self._store, pool).run(self._options.cpus, self._left)
        if self._options.root_cause is RootCause.OFF:
            return Measured(missing=OFF)
        if self._options.root_cause is RootCause.ALWAYS:
            measured = self.recorded()
        elif may_go_on:
            measured = self.second_pass(pool, first_pass)
        else:
            measured = Measured(missing="the run had to end")
        return replace(measured, samples=self._samples())

    def recorded(self) -> Measured:
        """What was recorded in the first pass."""
        from pytest_parallel_agents.controller.afterwards.project_imports import project_imports

        covered = [(self._store.check(check).nodeid, each) for check, each in self._observed.covered.items()]
        return Measured(
            spectra={nodeid: each.lines for nodeid, each in covered if not each.fault},
            unmeasured={nodeid: each.fault for nodeid, each in covered if each.fault},
            imports=project_imports(self._session.items, self._session.config.rootpath),
        )

    @property
    def _left(self) -> float:
        """Seconds of the run's time limit."""
        limit = self._options.limits.run
        return math.inf if limit is None else limit - self._clock.now()

    def second_pass(self, pool: WorkerPool, first_pass: float) -> Measured:
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

    def _samples(self) -> Mapping[str, Samples]:
        from pytest_parallel_agents.session.hung import samples_of_hung

        return samples_of_hung(self._store.results(), self._observed.sampled)
