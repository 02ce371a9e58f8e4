"""The plugin that runs a session under `--agents`, in the controller."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import pytest

from pytest_parallel_agents.agents.kinds import Agent
from pytest_parallel_agents.collection.checks import drop_unmarked
from pytest_parallel_agents.convergence.view import Convergence
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.marks import is_command
from pytest_parallel_agents.model.results import Result
from pytest_parallel_agents.options import Options, Unmarked
from pytest_parallel_agents.reports.terminal.text import fitted
from pytest_parallel_agents.runtest.gc_pause import gc_paused
from pytest_parallel_agents.session.causes import reasons_to_fail
from pytest_parallel_agents.session.output_mode import audible, display_of
from pytest_parallel_agents.session.planning import PlannedRun, collects_all, known_names
from pytest_parallel_agents.session.reporting import Reporting, write_again, write_reports
from pytest_parallel_agents.session.run import Run
from pytest_parallel_agents.session.summary import Summary, write_errors
from pytest_parallel_agents.session.transport_choice import TransportChoice
from pytest_parallel_agents.session.uncollected import Uncollected, errors_phrase
from pytest_parallel_agents.transports.surroundings import remember_environment
from pytest_parallel_agents.transports.zygote_process import BecameWorker

PROPOSAL: Final = "agents: no commands are configured; `pytest-parallel-agents init` proposes some"


class AgentsSession:
    """Runs the session's checks and reports on them."""

    def __init__(self, config: pytest.Config, options: Options, agents: Mapping[str, Agent]) -> None:
        self._config = config
        self._options = options
        self._agents = agents
        self._reporting = Reporting(config)
        self._known = known_names((), options, agents, complete=True)
        self._run: Run | None = None
        self._summary: Summary | None = None
        self._handled = sys.exc_info()[1]  # by a program that calls pytest meanwhile
        self._keep: Callable[..., None] | None = None
        self._uncollected = Uncollected(config.rootpath)
        config.pluginmanager.register(self._uncollected, "parallel-agents-uncollected")
        self._left_out: list[pytest.Item] = []
        self._complaints: list[AgentsError] = []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        remember_environment(self._config)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        with gc_paused():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None]:
        """What others deselect there has been known, and marks that they add there count."""
        is_whole = collects_all(config) and not session.testsfailed
        before = known_names(items, self._options, self._agents, complete=is_whole)
        yield
        self._known = before | known_names(items, self._options, self._agents, complete=is_whole)
        if self._options.unmarked is Unmarked.SKIP:
            drop_unmarked(config, items)

    @pytest.hookimpl
    def pytest_report_collectionfinish(self, config: pytest.Config) -> list[str]:
        """Points to `init` where the configuration neither has commands nor states that there are none."""
        if not self._options.undecided or config.get_verbosity() < 0:
            return []
        return fitted([PROPOSAL], config.get_terminal_writer().fullwidth)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        option = session.config.option
        if option.collectonly:
            return None  # pytest's own loop handles it
        if session.testsfailed:  # the remaining members of a group cannot decide it
            self._options = msgspec.structs.replace(self._options, wait=None, groups={})
        interruption = ""
        if session.testsfailed and not option.continue_on_collection_errors:
            self._keep_commands(session)
            if session.shouldfail or not session.items:
                return None  # pytest's own loop reports that the collection was interrupted
            interruption = errors_phrase(session)
        worker = None
        try:
            worker = self._run_checks(session)
        except session.Failed as stopped:
            if not interruption:
                raise
            interruption = f"{interruption}; {stopped}"
        if worker is not None:
            worker.serve()  # called from here, so that few frames lie below a check
        if interruption:
            raise session.Interrupted(interruption)
        return True

    def _keep_commands(self, session: pytest.Session) -> None:
        """Keeps only commands: tests do not run when some could not be collected, and tools do not depend on them."""
        self._left_out = [item for item in session.items if not is_command(item)]
        session.items = [item for item in session.items if is_command(item)]

    def _run_checks(self, session: pytest.Session) -> BecameWorker | None:
        """Runs the checks, or prints their plan. Returns the worker that this process has become, if it is a fork."""
        config = session.config
        choice = TransportChoice(config, self._options)
        self._options = choice.options
        planned = PlannedRun(session, self._options, list(self._agents), self._known)
        self._run = Run(planned, self._reporting.origin)
        if self._options.plan_only:
            self._print_plan(planned)
        planned.refuse_conflicts()
        if self._options.plan_only:
            return None
        display = display_of(config, self._run.store, planned.seconds)
        config.pluginmanager.register(display, "parallel-agents-display")
        self._print_notes(planned, choice)
        try:
            self._run.execute(display)
        except BecameWorker as worker:
            return worker
        finally:
            config.pluginmanager.unregister(display)
            display.close()
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._config.option.collectonly or self._options.plan_only:
            return
        if exitstatus == pytest.ExitCode.OK and self._is_broken_off:
            # such as a second Ctrl-C: pytest has not yet set what follows from the first one, and it never will
            exitstatus = session.exitstatus = pytest.ExitCode.INTERRUPTED
        self._left_out += session.items if self._run is None else ()
        ran = () if self._run is None else self._run.results()
        results = self._with_uncollected(ran)
        located = self._reporting.locate(self._run, results, self._options)
        report = self._reporting.build(self._run, results, located, self._options, int(exitstatus))
        if self._run is not None and self._options.shard is None:  # all shards must divide by the same durations
            self._run.remember(ran)
        self._complaints = [*reasons_to_fail(self._config, Convergence(results, located.ranking))]
        self._complaints += write_reports(report, self._options.reports)
        if self._complaints and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            report = write_again(report, int(session.exitstatus), self._options.reports)
        self._keep = partial(self._reporting.keep, report, session, self._options)
        self._summary = Summary(self._config, report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, object, object]:
        """Comes after all others, so that it is on the screen however long pytest's list of failures is."""
        try:
            return (yield)
        finally:
            if self._summary is not None:
                self._summary.write(terminalreporter)
            late_errors = {} if self._run is None else self._run.late_errors
            write_errors(self._config, terminalreporter, late_errors, self._complaints)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_unconfigure(self) -> Generator[None, object, object]:
        """Until now other plugins may have changed the exit code, on which a merge of shards relies, or have raised."""
        try:
            return (yield)
        finally:
            if self._keep is not None:
                self._keep(broken_off=self._is_broken_off)

    @property
    def _is_broken_off(self) -> bool:
        """Whether an exception is on its way out of pytest, which the session's exit code does not show."""
        return sys.exc_info()[1] is not self._handled

    def convergence(self) -> Convergence:
        """The results and causes of the finished checks, for a check that uses them."""
        if self._run is None:
            raise RuntimeError("no check has run yet")
        results = self._with_uncollected(self._run.results())
        return Convergence(results, self._reporting.locate(self._run, results, self._options).ranking)

    def _with_uncollected(self, ran: tuple[Result, ...]) -> tuple[Result, ...]:
        """The results with items that were collected and did not run, and collection errors."""
        return ran + self._uncollected.results(self._left_out, self._options, self._agents, first=len(ran))

    def _print_plan(self, planned: PlannedRun) -> None:
        from pytest_parallel_agents.session.plan_preview import preview

        self._write_lines(preview(planned))

    def _print_notes(self, planned: PlannedRun, choice: TransportChoice) -> None:
        if self._options.interactive:
            self._write_lines(["agents: --pdb and the like run every check in this process, one after the other"])
        if planned.is_beyond_limits:
            self._write_lines(["agents: without workers (-n 0, --pdb) no time limit holds"])
        if planned.is_distributed and self._config.get_verbosity() >= 0:
            self._write_lines(choice.notes())

    def _write_lines(self, lines: Sequence[str]) -> None:
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        if terminal is None:
            return
        with audible(self._config):
            for line in fitted(lines, self._config.get_terminal_writer().fullwidth):
                terminal.write_line(line)
