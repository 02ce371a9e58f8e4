"""The second pass after a first one that ran in the controller's own process: its tests were too short for workers."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from pytest_parallel_agents.compat.xdist import XdistCompat
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.options import Options, RootCause
from pytest_parallel_agents.session.localizing import OFF, Localizing
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.session.pool import make_pool
from pytest_parallel_agents.transports.zygote import BecameWorker
from pytest_parallel_agents.wire.run_folder import made_run_folder


def measure_here(
    planned: PlannedRun, store: ResultStore, clock: RunClock, localizing: Localizing, observer: Observer
) -> Measured:
    """Which lines failed tests have executed. In a process that becomes a worker it raises BecameWorker."""
    options, first_pass = planned.options, clock.now()
    if not planned.session.testsfailed:
        return Measured()
    if options.root_cause is RootCause.ALWAYS:
        return localizing.recorded()
    if missing := _obstacle(options):
        return Measured(missing=missing)
    with ExitStack() as opened:
        try:
            run_folder = opened.enter_context(made_run_folder())
            compat = XdistCompat(planned.session.config, workers=options.cpus)
            pool = make_pool(
                planned.session,
                options,
                run_folder,
                store=store,
                clock=clock,
                printed=observer.printed,
                compat=compat,
            )
        except BecameWorker as worker:
            worker.kept = opened.pop_all()
            raise
        except OSError as error:
            return Measured(missing=f"no process could be started: {error}")
        opened.callback(pool.close)
        return localizing.second_pass(pool, first_pass)


def _obstacle(options: Options) -> str:
    if options.root_cause is RootCause.OFF:
        return OFF
    if options.interactive or not options.workers:
        return "there are no workers, as with -n 0 and --pdb"
    if "fork" not in options.specs:
        return "workers are fresh interpreters, each of which would collect everything again"
    if threading.active_count() > 1:
        return "threads that tests have started still run, and a fork would not have them"
    return ""
