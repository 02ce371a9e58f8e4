"""Makes the workers of a run: their transport and their files."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence

import pytest

from pytest_parallel_agents.compat.run_protocol import least_reports
from pytest_parallel_agents.compat.xdist import XdistCompat
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.assignments import Assignments
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.inbox import Inbox
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.process_tree import LeftoverGroups
from pytest_parallel_agents.runtest.live_output import Line, LiveOutput
from pytest_parallel_agents.transports.base import Transport
from pytest_parallel_agents.wire.run_folder import RunFolder


def make_pool(
    session: pytest.Session,
    options: Options,
    run_folder: RunFolder,
    *,
    store: ResultStore,
    clock: RunClock,
    printed: Callable[[Line], None],
    compat: XdistCompat,
) -> WorkerPool:
    """A pool that has no worker yet. `printed` is called with each line of output under `-s`.

    Raises OSError when there is no process to fork workers from, and in one that becomes a worker BecameWorker.
    """
    config = session.config
    inbox, least = Inbox(), least_reports(config)
    transport = _transport(session, options, run_folder, compat)
    return WorkerPool(
        transport,
        compat,
        run_folder=run_folder,
        inbox=inbox,
        live_output=LiveOutput(config, run_folder, wake=inbox.wake, show=printed),
        clock=clock,
        assignments=lambda: Assignments(store.name, least),
        grace=options.limits.grace,
    )


def _transport(session: pytest.Session, options: Options, run_folder: RunFolder, compat: XdistCompat) -> Transport:
    base_temp = getattr(session.config, "_tmp_path_factory", None)
    if base_temp is not None:
        base_temp.getbasetemp()  # before the fork, or each worker would make its own base
    leftover_groups = LeftoverGroups(options.limits.grace)

    def spawning(specs: Sequence[str]) -> Transport:
        from pytest_parallel_agents.transports.spawn import SpawnTransport

        return SpawnTransport(session, compat, run_folder, specs, leftover_groups)

    if "fork" not in options.specs:
        return spawning(options.specs)
    from pytest_parallel_agents.transports.fork import ForkTransport

    gc.freeze()  # a collection in a worker would copy every page of the shared heap
    return ForkTransport(session, compat, run_folder, leftover_groups, fallback=lambda: spawning(["popen"]))
