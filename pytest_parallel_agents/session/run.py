"""One run: its checks from the plan to the results."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from pytest_parallel_agents.controller.afterwards.junit_cases import complete_cases
from pytest_parallel_agents.controller.observers import Observer
from pytest_parallel_agents.controller.results.groups import undistributed_result
from pytest_parallel_agents.controller.results.outcome_writer import Outcomes
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.model.results import GroupResult, Result
from pytest_parallel_agents.reports.timing import repeated_seconds
from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.runtest.frame_stack import with_frame_stack
from pytest_parallel_agents.runtest.leak_detection import LEAKS
from pytest_parallel_agents.runtest.own_process import OwnProcess
from pytest_parallel_agents.scheduling.sequence import serial_order
from pytest_parallel_agents.session.distributed_run import DistributedRun, read_all_builds
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.session.run_here import RunHere
from pytest_parallel_agents.session.serial import CONTROLLER, LocalRun
from pytest_parallel_agents.wire.run_folder import made_run_folder
from pytest_parallel_agents.wire.setups import Build

MOST_MISSING = 20
"""How many lost checks are named."""


class Run:
    """The checks of one session. `origin` is its start on the monotonic clock."""

    def __init__(self, planned: PlannedRun, origin: float) -> None:
        self.planned = planned
        self._session = planned.session
        self._origin = origin
        self._process = OwnProcess()
        self.store = ResultStore(planned.collected.checks)
        self._distributed: DistributedRun | None = None
        self.measured = Measured()
        self._builds: list[Build] = []

    @with_frame_stack
    def execute(self, observer: Observer) -> None:
        """Runs every check. Raises what pytest's own loop would raise when the run ends early.

        In a process that becomes a worker it raises BecameWorker.
        """
        sys._getframe()  # noqa: SLF001 - see `with_frame_stack`
        local = LocalRun(self._session, Outcomes(self.store), self._origin, observer.finished)
        try:
            if self.planned.is_distributed:
                self._distribute(observer)
            else:
                here = RunHere(self.planned, self.store, self._origin, observer)
                try:
                    with here:  # called from here, so that few frames lie below a check
                        local.run(serial_order(self.planned.plan))
                finally:
                    self.measured = here.measured
            self._run_closing(local)
            self._refuse_missing_outcomes()
        finally:
            if self._process.is_current():
                self._end_leaks()
                complete_cases(self._session.config, self.results())

    def _distribute(self, observer: Observer) -> None:
        self._distributed = DistributedRun(self.planned, self.store, self._origin)
        try:
            self._distributed.run(observer)
        finally:
            self._builds += self._distributed.builds
            self.measured = self._distributed.measured

    def _run_closing(self, local: LocalRun) -> None:
        """Runs the checks that wait for all others. They may build again what workers have built."""
        closing = sorted(self.planned.collected.closing)
        if not closing or not self._builds:
            local.run(closing)
            return
        with made_run_folder() as folder:
            note_setups(self._session.config, folder.of(CONTROLLER).setups)
            try:
                local.run(closing)
            finally:
                self._builds += read_all_builds(folder)

    @property
    def repeated(self) -> float:
        """Seconds spent on building again what a serial run builds once."""
        return repeated_seconds((build.key, build.seconds) for build in self._builds)

    @property
    def collecting(self) -> float:
        """Seconds during which commands ran while tests were collected."""
        return 0.0 if self._distributed is None else self._distributed.collecting

    def _end_leaks(self) -> None:
        leaks = self._session.config.stash[LEAKS]
        leaks.end_processes()
        items = self._session.items
        leaks.warn_of_noted((items[result.check.index], result.evidence.notes) for result in self.results())

    def remember(self, results: Iterable[Result]) -> None:
        """Stores how long each check took, for the estimates of later runs."""
        self.planned.durations.save(results, self.planned.seconds, most=time.monotonic() - self._origin)

    def results(self) -> tuple[Result, ...]:
        return self.store.results()

    def group_results(self) -> tuple[GroupResult, ...]:
        """The result of each group."""
        if self._distributed is None:
            return tuple(undistributed_result(group, self.store) for group in self.planned.groups)
        return self._distributed.groups.results()

    @property
    def late_errors(self) -> Mapping[str, str]:
        """The errors at the end of workers' sessions, by their names."""
        return {} if self._distributed is None else self._distributed.late_errors

    def _refuse_missing_outcomes(self) -> None:
        """Raises RuntimeError if the run was not stopped early and outcomes are missing."""
        if missing := self.store.unaccounted():
            shown = "".join(f"\n  {nodeid}" for nodeid in missing[:MOST_MISSING])
            more = f"\n  and {len(missing) - MOST_MISSING} more" if len(missing) > MOST_MISSING else ""
            raise RuntimeError(f"the run ends and it is not known what became of {len(missing)} checks:{shown}{more}")
