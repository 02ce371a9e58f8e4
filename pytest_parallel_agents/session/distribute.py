"""The one place where the parts of a distributed run are put together."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from pytest_parallel_agents.controller.attempt_tracker import AttemptTracker
from pytest_parallel_agents.controller.check_ends import CheckEnds
from pytest_parallel_agents.controller.commands import Commands
from pytest_parallel_agents.controller.loop import Controller
from pytest_parallel_agents.controller.message_handler import MessageHandler
from pytest_parallel_agents.controller.moves import Moves
from pytest_parallel_agents.controller.observations import Observations
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.results.groups import GroupOutcomes
from pytest_parallel_agents.controller.results.replay import Replay
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.sampling import Sampling
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.supervisor import Supervisor
from pytest_parallel_agents.controller.worker_ends import WorkerEnds
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.scheduling.scheduler import Scheduler


class Distribution(msgspec.Struct, frozen=True):
    """A distributed run: its controller, and the parts that have its results afterwards."""

    controller: Controller
    check_ends: CheckEnds
    stopping: Stopping
    worker_ends: WorkerEnds
    observations: Observations

    def run(self) -> None:
        """Runs all checks, on workers that are started for them. Raises KeyboardInterrupt after a clean end."""
        try:
            self.controller.run()
        finally:
            self.check_ends.close()


class Terms(msgspec.Struct, frozen=True):
    """The settings of a run.

    `limited` are the checks with a time limit of their own. At most `most_losses` workers may be lost. With `ahead`
    workers know what follows each check before they begin it. With `samples` it is looked at where checks stand that
    come near their time limit.
    """

    limits: Limits
    limited: frozenset[int] = frozenset()
    most_losses: int = 0
    ahead: bool = False
    samples: bool = True


def distribution(
    session: pytest.Session,
    scheduler: Scheduler,
    pool: WorkerPool,
    pending: PendingEvents,
    *,
    store: ResultStore,
    replay: Replay,
    groups: GroupOutcomes,
    observer: Observer,
    terms: Terms,
) -> Distribution:
    """Puts the parts together."""
    running_checks = RunningChecks(observer, pool, slow=terms.limits.slow, now=pending.now())
    stopping = Stopping(session, running_checks, pending)
    check_ends = CheckEnds(store, replay, groups, observer, pending)
    attempts = AttemptTracker(pool, running_checks, check_ends, stopping, pending)
    worker_ends = WorkerEnds(
        pool, running_checks, attempts, stopping, pending, most_losses=terms.most_losses, note=observer.noted
    )
    sampling = Sampling(running_checks, partial(_limit, store, terms), terms.limits.run if terms.samples else None)
    observations = Observations()
    messages = MessageHandler(
        pool, attempts, worker_ends, stopping, pending, observations=observations, replay=replay, observer=observer
    )
    commands = Commands(scheduler, pool, check_ends, stopping, pending, worker_ends=worker_ends, ahead=terms.ahead)
    supervisor = Supervisor(
        pool,
        running_checks,
        stopping,
        Moves(pool, running_checks, observer, pending),
        sampling,
        limits=terms.limits,
        limited=terms.limited,
    )
    controller = Controller(pool, messages, commands, supervisor, stopping)
    return Distribution(controller, check_ends, stopping, worker_ends, observations)


def _limit(store: ResultStore, terms: Terms, check: int) -> float | None:
    """The time limit of a check whose samples are wanted."""
    return store.check(check).timeout if terms.samples else None
