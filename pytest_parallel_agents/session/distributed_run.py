"""Runs the checks of a plan on workers, from the first start to the last clean-up."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from pytest_parallel_agents.compat.distribution import read_as_controller
from pytest_parallel_agents.compat.xdist import XdistCompat
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.results.groups import GroupOutcomes
from pytest_parallel_agents.controller.results.replay import Replay
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.options import RootCause
from pytest_parallel_agents.session.distribute import Distribution, Terms, distribution
from pytest_parallel_agents.session.early import settle
from pytest_parallel_agents.session.early_end import raise_stop
from pytest_parallel_agents.session.localizing import Localizing
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.session.pool import make_pool
from pytest_parallel_agents.transports.zygote_process import BecameWorker
from pytest_parallel_agents.wire.run_folder import RunFolder, made_run_folder
from pytest_parallel_agents.wire.setups import Build, read_builds


class DistributedRun:
    """`late_errors` are the errors at the end of workers' sessions, by their names, and `builds` the fixtures that were
    set up.

    `measured` is what a second pass over failed tests has found, and `collecting` seconds during which commands ran
    while tests were collected.
    """

    def __init__(self, planned: PlannedRun, store: ResultStore, origin: float) -> None:
        self._planned = planned
        self._session = planned.session
        self._options = planned.options
        self._store = store
        self._clock = RunClock(origin)
        earlier = self._options.earlier
        known = frozenset() if earlier is None else earlier.fingerprints
        self.groups = GroupOutcomes(planned.groups, store, root=self._session.config.rootpath, known=known)
        self.measured = Measured()
        self.late_errors: dict[str, str] = {}
        self.builds: list[Build] = []
        self.collecting = 0.0

    def run(self, observer: Observer) -> None:
        """Runs every check. Raises what pytest's own loop would raise when the run ends early.

        In a process that becomes a worker it raises BecameWorker.
        """
        with ExitStack() as opened:
            try:
                run_folder = opened.enter_context(made_run_folder())
                pool, run = self._prepare(opened, run_folder, observer)
            except BecameWorker as worker:
                worker.kept = opened.pop_all()
                raise
            except OSError as error:
                raise self._session.Interrupted(f"no worker could be started: {error}") from None
            try:
                run.run()
            finally:
                read_as_controller(self._session.config, len(pool.nodes))
                self.late_errors = run.worker_ends.late_errors
                self.builds += read_all_builds(run_folder)
            localizing = Localizing(self._planned, self._store, self._clock, run.observations, observer.progressed)
            self.measured = localizing.after(run.stopping.reason, pool)
        raise_stop(run.stopping.reason, self._session)
        if self.late_errors or any(result.passed is False for result in self.groups.results()):
            self._session.testsfailed = max(1, self._session.testsfailed)  # its members may all have been skipped

    def _prepare(self, opened: ExitStack, run_folder: RunFolder, observer: Observer) -> tuple[WorkerPool, Distribution]:
        """The pool, which ends with `opened`, and the run on it."""
        session, options = self._session, self._options
        begun, self.collecting = settle(self._planned)
        compat = XdistCompat(session.config, workers=options.cpus)
        pool = make_pool(
            session,
            options,
            run_folder,
            store=self._store,
            clock=self._clock,
            printed=observer.printed,
            compat=compat,
            resources=self._planned.resources,
        )
        opened.callback(pool.close)
        joined = list(pool.take_joined())
        checks = self._planned.plan.checks.values()
        return pool, distribution(
            session,
            self._planned.scheduler(begun, joined),
            pool,
            PendingEvents(self._clock),
            store=self._store,
            replay=Replay(session, compat.testrunuid),
            groups=self.groups,
            observer=observer,
            terms=Terms(
                limits=options.limits,
                limited=frozenset(check.index for check in checks if check.timeout is not None),
                most_losses=_most_losses(session.config, max(options.cpus, len(joined))),
                ahead=self._planned.is_told_ahead,
                samples=options.root_cause is not RootCause.OFF,
            ),
        )


def read_all_builds(run_folder: RunFolder) -> list[Build]:
    """The fixtures that workers have set up."""
    return [build for path in run_folder.setups for build in read_builds(path)]


def _most_losses(config: pytest.Config, workers: int) -> int:
    """How many workers may be lost before the run is given up; xdist's option decides, else four times the workers."""
    given = config.getoption("maxworkerrestart", None)
    return int(given) if given is not None else 4 * workers
