"""One run: verify, distribute, close, and gather what a report needs."""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property

import pytest

from pytest_parallel_agents.collection.checks import collect_checks
from pytest_parallel_agents.collection.groups import collect_groups
from pytest_parallel_agents.compat.before_fork import BEFORE_FORK
from pytest_parallel_agents.compat.distribution import read_as_controller
from pytest_parallel_agents.compat.following import asks_what_follows
from pytest_parallel_agents.compat.run_protocol import least_reports
from pytest_parallel_agents.compat.xdist import XdistCompat
from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.groups import GroupOutcomes, all_well
from pytest_parallel_agents.controller.inbox import Inbox
from pytest_parallel_agents.controller.loop import Controller
from pytest_parallel_agents.controller.replay import Replay
from pytest_parallel_agents.controller.results import ResultStore
from pytest_parallel_agents.controller.running_checks import Watcher
from pytest_parallel_agents.controller.stop_reason import Halt
from pytest_parallel_agents.controller.worker_pool import WorkerPool
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.errors import AgentsError, UsageFaults
from pytest_parallel_agents.independence.conflicts import describe
from pytest_parallel_agents.independence.gate import verify
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.marks import argument_place
from pytest_parallel_agents.model import GroupResult, Plan, Policy, Result
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.process_tree import Remains
from pytest_parallel_agents.reports.timing import repeated_seconds
from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.runtest.frame_stack import with_frame_stack
from pytest_parallel_agents.runtest.leak_detection import LEAKS
from pytest_parallel_agents.runtest.live_output import LiveOutput
from pytest_parallel_agents.runtest.own_process import OwnProcess
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.scheduling.sequence import serial_order
from pytest_parallel_agents.session.durations import History
from pytest_parallel_agents.session.serial import CONTROLLER, LocalRun, stop_if_wanted
from pytest_parallel_agents.transports.base import Transport
from pytest_parallel_agents.transports.zygote import BecameWorker
from pytest_parallel_agents.wire.run_folder import RunFolder, made_run_folder
from pytest_parallel_agents.wire.setups import Build, read_builds

WORKERS_COST_SECONDS = 0.1
"""Roughly what it costs to start workers, end them, and replay their reports for a handful of tests."""

MOST_MISSING = 20
"""How many lost checks are named."""

WAITING_WORKERS = 32
"""How many workers there may be beside those that fill the CPUs, for checks that wait and do not compute."""


class Run:
    """The checks of one session from collection to causes."""

    def __init__(
        self, session: pytest.Session, options: Options, kinds: Sequence[str], known: Known, origin: float
    ) -> None:
        self._session = session
        self._options = options
        self._origin = origin
        self._process = OwnProcess()
        self.collected, faults = collect_checks(session.items, options, kinds)
        self.store = ResultStore(self.collected.checks)
        self.groups, unmeetable = collect_groups(self.collected.parallel, options, known)
        self.plan = self._verify(known, [*faults, *unmeetable])
        self._group_outcomes: GroupOutcomes | None = None
        self.late_errors: Mapping[str, str] = {}
        self.measured = Measured()
        self._builds: list[Build] = []
        self._history = History.of(session.config)
        self._seconds = self._history.load()
        self._in_order = _is_order_asked_for(session.config)
        known_seconds = {} if self._in_order else self._seconds
        self.estimates = {
            check.index: known_seconds[check.nodeid] for check in self.collected.checks if check.nodeid in known_seconds
        }

    @property
    def is_beyond_limits(self) -> bool:
        """Whether there are time limits, and the user wants no worker that could be ended for them."""
        limited = any(check.timeout is not None for check in self.collected.checks)
        limited = limited or self._options.limits.run is not None
        return limited and not self._options.workers and not self.is_distributed

    def refuse_conflicts(self) -> None:
        """Raise UsageFaults with every conflict when the policy allows none."""
        if self._options.policy is Policy.STRICT and self.plan.conflicts:
            raise UsageFaults(AgentsError(describe(conflict)) for conflict in self.plan.conflicts)

    @with_frame_stack
    def execute(self, watcher: Watcher) -> None:
        """Run every check. Raises what pytest's own loop would raise when the run ends early, and Born in a worker."""
        sys._getframe()  # noqa: SLF001 - see `with_frame_stack`
        local = LocalRun(self._session, self.store, self._origin, watcher.finished)
        try:
            if self.is_distributed:
                self._distribute(watcher)
            else:
                read_as_controller(self._session.config, 0)
                local.run(serial_order(self.plan))
            self._run_closing(local)
            self._close_books()
        finally:
            if self._process.is_current():
                self._end_leaks()

    def _run_closing(self, local: LocalRun) -> None:
        """Run what waits for all others. It may build again what workers have built."""
        closing = sorted(self.collected.closing)
        if not closing or not self._builds:
            local.run(closing)
            return
        with made_run_folder() as folder:
            note_setups(self._session.config, folder.of(CONTROLLER).setups)
            try:
                local.run(closing)
            finally:
                self._builds += _builds(folder)

    @property
    def repeated(self) -> float:
        """Seconds that were spent to build again what a serial run builds once."""
        return repeated_seconds((build.key, build.seconds) for build in self._builds)

    def _end_leaks(self) -> None:
        leaks = self._session.config.stash[LEAKS]
        leaks.end_processes()
        items = self._session.items
        leaks.tell((items[result.check.index], result.evidence.notes) for result in self.results())

    def remember(self, results: Iterable[Result]) -> None:
        """Keep how long each check took, for the estimates of later runs."""
        self._history.save(results, self._seconds, most=time.monotonic() - self._origin)

    def results(self) -> tuple[Result, ...]:
        return self.store.results()

    def group_results(self) -> tuple[GroupResult, ...]:
        """What became of each group."""
        if self._group_outcomes is None:
            return tuple(GroupResult(group=group, passed=all_well(group, self.store)) for group in self.groups)
        return self._group_outcomes.results(self.groups)

    def _close_books(self) -> None:
        """Raise if the run has come to its end, which nobody has asked to be early, and checks are missing."""
        if missing := self.store.unaccounted():
            shown = "".join(f"\n  {nodeid}" for nodeid in missing[:MOST_MISSING])
            more = f"\n  and {len(missing) - MOST_MISSING} more" if len(missing) > MOST_MISSING else ""
            raise RuntimeError(f"the run ends and it is not known what became of {len(missing)} checks:{shown}{more}")

    def _verify(self, known: Known, faults: Sequence[AgentsError]) -> Plan:
        """What the gate says. Raises UsageFaults with what it found and the `faults` that were found before."""
        options, items = self._options, self._session.items
        try:
            plan = verify(
                self.collected.parallel,
                resources=options.resources,
                policy=options.policy,
                known=known,
                where=lambda check, argument: argument_place(items[check.index], argument),
            )
        except UsageFaults as found:
            raise UsageFaults([*faults, *found.faults]) from None
        if faults:
            raise UsageFaults(faults)
        return plan

    @cached_property
    def is_distributed(self) -> bool:
        """Whether workers can save more than it costs to have them.

        Only plain tests that are known to be short stay here: a marked check may have a time limit, and is promised
        a worker. So is a plugin that was told of workers.
        """
        if self._options.interactive or not self.plan.checks:
            return False
        if any(group.needed is not None for group in self.groups):
            return True
        if not self._options.workers:
            return False
        if any(self._session.config.stash[BEFORE_FORK].questions.of_distribution()):
            return True
        checks = self.plan.checks.values()
        if any(check.marked or check.timeout is not None or check.index not in self.estimates for check in checks):
            return True
        return sum(self.estimates[check.index] for check in checks) > WORKERS_COST_SECONDS

    def _distribute(self, watcher: Watcher) -> None:
        with ExitStack() as opened:
            try:
                run_folder = opened.enter_context(made_run_folder())
                controller, pool = self._prepare(run_folder, watcher)
            except BecameWorker as worker:
                worker.kept = opened.pop_all()
                raise
            except OSError as error:
                raise self._session.Interrupted(f"no worker could be started: {error}") from None
            opened.callback(pool.close)
            try:
                controller.run()
            finally:
                read_as_controller(self._session.config, pool.started)
                self.late_errors = controller.late_errors
                self._builds += _builds(run_folder)
            self._recheck(controller.halt, pool, run_folder)
        _raise_halt(controller.halt, self._session)
        if self.late_errors or not all(result.passed for result in self.group_results()):
            self._session.testsfailed = max(1, self._session.testsfailed)  # its members may all have been skipped

    def _recheck(self, halt: Halt | None, pool: WorkerPool, run_folder: RunFolder) -> None:
        """See which failed checks pass alone, if there is time for it."""
        limit = self._options.limits.run
        seconds = math.inf if limit is None else limit - (time.monotonic() - self._origin)
        broken = halt is not None and (halt.internal or halt.by_exit)
        if self._options.recheck and self._session.testsfailed and seconds > 0 and not broken:
            from pytest_parallel_agents.controller.recheck import Recheck

            Recheck(self._session, self.store, pool, run_folder).run(self._options.cpus, seconds)

    def _prepare(self, run_folder: RunFolder, watcher: Watcher) -> tuple[Controller, WorkerPool]:
        session, config = self._session, self._session.config
        contract = XdistCompat(config, workers=self._options.cpus)
        transport = self._transport(contract, run_folder)
        inbox = Inbox(lambda worker: run_folder.of(worker).journal)
        live = LiveOutput(config, run_folder, wake=inbox.wake, show=watcher.printed)
        ahead = asks_what_follows(config)
        pool = WorkerPool(transport, contract, run_folder=run_folder, inbox=inbox, live=live, ahead=ahead)
        scheduler = Scheduler(
            self.plan,
            estimates=self.estimates,
            cpus=self._options.cpus,
            max_workers=self._options.cpus + WAITING_WORKERS,
            groups=self.groups,
            in_order=self._in_order,
            ahead=ahead,
        )
        controller = Controller(
            session=session,
            scheduler=scheduler,
            pool=pool,
            store=self.store,
            replay=Replay(session, self.store, contract.testrunuid),
            watcher=watcher,
            clocks=Clocks(self._origin),
            limits=self._options.limits,
            most_losses=_most_losses(config, self._options.cpus),
            least_reports=least_reports(config),
            groups=self.groups,
        )
        self._group_outcomes = controller.group_outcomes
        return controller, pool

    def _transport(self, contract: XdistCompat, run_folder: RunFolder) -> Transport:
        base_temp = getattr(self._session.config, "_tmp_path_factory", None)
        if base_temp is not None:
            base_temp.getbasetemp()  # before the fork, or each worker would make a base of its own
        remains = Remains(self._options.limits.grace)

        def spawning(specs: Sequence[str]) -> Transport:
            from pytest_parallel_agents.transports.spawn import SpawnTransport

            return SpawnTransport(self._session, contract, run_folder, specs, remains)

        if "fork" not in self._options.specs:
            return spawning(self._options.specs)
        from pytest_parallel_agents.transports.fork import ForkTransport

        gc.freeze()  # a collection in a worker would copy every page of the shared heap
        return ForkTransport(self._session, contract, run_folder, remains, instead=lambda: spawning(["popen"]))


def _builds(run_folder: RunFolder) -> list[Build]:
    return [build for path in run_folder.setups for build in read_builds(path)]


def _is_order_asked_for(config: pytest.Config) -> bool:
    """Whether checks are to begin in the order of collection, whatever they take: failed or new ones first."""
    return bool(config.getoption("failedfirst", None) or config.getoption("newfirst", None))


def _most_losses(config: pytest.Config, workers: int) -> int:
    """How many workers may be lost before the run is given up; xdist's option decides, else four times the workers."""
    given = config.getoption("maxworkerrestart", None)
    return int(given) if given is not None else 4 * workers


def _raise_halt(halt: Halt | None, session: pytest.Session) -> None:
    if halt is None:
        return
    if halt.internal:
        raise RuntimeError(halt.reason)
    if halt.by_exit:
        raise pytest.exit.Exception(halt.reason, halt.exit)
    stop_if_wanted(session)
    raise session.Interrupted(halt.reason)
