"""The second pass after a first one that ran in the controller's own process.

Tests that were too short for workers are measured in forks of it. After `-n 0`, and where threads are left that forks
would not have, fresh interpreters measure them: what a long run has left in this process, such as memoized results,
would hide lines.
"""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack

from msgspec.structs import replace

from pytest_parallel_agents.compat.xdist import XdistCompat
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.options import Options, RootCause
from pytest_parallel_agents.session.localizing import OFF, Localizing
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.session.pool import make_pool
from pytest_parallel_agents.transports.zygote_process import BecameWorker
from pytest_parallel_agents.wire.run_folder import made_run_folder
from pytest_parallel_agents.worker_specs import is_remote


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
                _with_transport(options),
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
    if options.interactive:
        return "tests need this process and its terminal, as with --pdb"
    if is_debugged():
        return "a debugger is attached to this process"
    return ""


def _with_transport(options: Options) -> Options:
    is_elsewhere = any(map(is_remote, options.specs))
    if is_elsewhere or ("fork" in options.specs and (not options.workers or threading.active_count() > 1)):
        return replace(options, specs=("popen",))
    return options


def is_debugged() -> bool:
    """Whether a debugger has this process. Coverage, which traces as well, is none."""
    tracer, monitoring = sys.gettrace(), getattr(sys, "monitoring", None)
    traces = tracer is not None and not type(tracer).__module__.startswith("coverage")
    return traces or (monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None)
