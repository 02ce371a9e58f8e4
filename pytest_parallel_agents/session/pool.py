"""Makes the workers of a run: their transport and their files."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from pytest_parallel_agents.compat.run_protocol import least_reports
from pytest_parallel_agents.compat.xdist import XdistCompat
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers.assignments import Assignments
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.inbox import Inbox
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.runtest.live_output import Line, LiveOutput
from pytest_parallel_agents.session.transports import make_transport
from pytest_parallel_agents.transports.joining import JoiningHosts
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
    resources: Collection[str] = (),
) -> WorkerPool:
    """A pool that has no worker yet. `printed` is called with each line of output under `-s`. `resources` are those
    that checks use and that are counted per host.

    Raises what `make_transport` raises.
    """
    config = session.config
    inbox, least = Inbox(), least_reports(config)
    joining = JoiningHosts(inbox.wake, resources)
    transport = make_transport(session, options, run_folder, compat, joining)
    return WorkerPool(
        transport,
        compat,
        run_folder=run_folder,
        inbox=inbox,
        live_output=LiveOutput(config, run_folder, wake=inbox.wake, show=printed),
        clock=clock,
        assignments=lambda: Assignments(store.name, least),
        grace=options.limits.grace,
        joining=joining,
    )
