"""The plugin that takes over a session under `--agents`, in the controller."""

from __future__ import annotations

import platform
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pytest

from pytest_parallel_agents.agents.kinds import Agent
from pytest_parallel_agents.collection.checks import drop_unmarked
from pytest_parallel_agents.compat import unshareable
from pytest_parallel_agents.compat.before_fork import BEFORE_FORK
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.convergence.view import Convergence
from pytest_parallel_agents.early_bound import os, time
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.marks import agent_mark, is_command
from pytest_parallel_agents.model import Result
from pytest_parallel_agents.options import Options, Unmarked
from pytest_parallel_agents.printable import escape, escape_lines
from pytest_parallel_agents.reports.build import RunFacts, build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.findings import are_short
from pytest_parallel_agents.reports.formats import writer_for
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.text import counted, fitted
from pytest_parallel_agents.runtest.gc_pause import gc_paused
from pytest_parallel_agents.session.brief_failures import BriefFailures
from pytest_parallel_agents.session.causes import locate_causes
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.session.progress import Display
from pytest_parallel_agents.session.run import Run
from pytest_parallel_agents.session.uncollected import Uncollected
from pytest_parallel_agents.transports.surroundings import remember_environment
from pytest_parallel_agents.transports.zygote import BecameWorker
from pytest_parallel_agents.wire.remarks import remarks

PROPOSAL: Final = "agents: no commands are configured; `pytest-parallel-agents init` proposes some"
RERUN_FAILED: Final = "pytest --agents --lf"

_ANNOTATES_FAILURES: Final = "pytest_github_actions_annotate_failures"
"""A plugin that shows GitHub each failed test: it need not hear of them twice."""


class AgentsSession:
    """Runs the session's checks and reports on them."""

    def __init__(self, config: pytest.Config, options: Options, agents: Mapping[str, Agent]) -> None:
        self._config = config
        self._options = options
        self._agents = agents
        self._started = datetime.fromtimestamp(time.time(), UTC)
        self._origin = time.monotonic()
        self._known = Known(nodeids=frozenset(), names=frozenset(), kinds=frozenset(agents), complete=True)
        self._run: Run | None = None
        self._report: Report | None = None
        self._uncollected = Uncollected(config.rootpath)
        config.pluginmanager.register(self._uncollected, "parallel-agents-uncollected")
        self._left_out: list[pytest.Item] = []
        self._brief: BriefFailures | None = None
        self._complaints: list[AgentsError] = []
        self._reasons: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        remember_environment(self._config)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        with gc_paused():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        marks = [agent_mark(item) for item in items]
        commands = self._options.commands
        self._known = Known(
            nodeids=frozenset([item.nodeid for item in items]),
            names=frozenset([item.name for item in items] + [spec.name for spec in commands]),
            kinds=frozenset(self._agents) | {mark.kind for mark in marks},
            groups=frozenset([mark.group or "" for mark in marks] + [spec.group or "" for spec in commands]),
            complete=config.args_source != pytest.Config.ArgsSource.ARGS and not session.testsfailed,
        )
        if self._options.unmarked is Unmarked.SKIP:
            drop_unmarked(config, items)

    @pytest.hookimpl
    def pytest_report_collectionfinish(self, config: pytest.Config) -> list[str]:
        """Say how to come by commands where nobody has decided that there are none."""
        if not self._options.undecided or config.get_verbosity() < 0:
            return []
        return fitted([PROPOSAL], config.get_terminal_writer().fullwidth)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        option = session.config.option
        if option.collectonly:
            return None  # pytest's own loop knows what to do
        if session.testsfailed:  # what is left of a group cannot decide it
            self._options = msgspec.structs.replace(self._options, wait=None, groups={})
        interruption = ""
        if session.testsfailed and not option.continue_on_collection_errors:
            self._keep_commands(session)
            if session.shouldfail or not session.items:
                return None  # pytest's own loop says that the collection was interrupted
            interruption = f"{counted(session.testsfailed, 'error')} during collection"
        worker = None
        try:
            worker = self._run_checks(session)
        except session.Failed as stopped:
            if not interruption:
                raise
            interruption = f"{interruption}; {stopped}"
        if worker is not None:
            worker.live()  # called from here, so that few frames lie below a check
        if interruption:
            raise session.Interrupted(interruption)
        return True

    def _keep_commands(self, session: pytest.Session) -> None:
        """Tests do not run when some could not be collected, and what tools say does not depend on them."""
        self._left_out = [item for item in session.items if not is_command(item)]
        session.items = [item for item in session.items if is_command(item)]

    def _run_checks(self, session: pytest.Session) -> BecameWorker | None:
        """Run them, or print their plan. Returns the worker that this process has become, if it is a fork."""
        config = session.config
        self._choose_transport()
        planned = PlannedRun(session, self._options, list(self._agents), self._known)
        self._run = Run(planned, self._origin)
        if self._options.plan_only:
            self._print_plan(planned)
        planned.refuse_conflicts()
        if self._options.plan_only:
            return None
        display = Display(config, self._run.store)
        config.pluginmanager.register(display, "parallel-agents-display")
        self._print_notes()
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
        self._left_out += session.items if self._run is None else ()
        ran = () if self._run is None else self._run.results()
        self._report = self._build(self._run, self._with_uncollected(ran), exitstatus)
        if self._run is not None:
            self._run.remember(ran)
        self._shorten_failures(self._report)
        self._complaints = self._write(self._report)
        if self._complaints and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            run_facts = msgspec.structs.replace(self._report.run, exit_code=int(session.exitstatus))
            self._report = msgspec.structs.replace(self._report, run=run_facts)
            self._write(self._report)  # those that can be written say so too

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._brief is not None:
            self._brief.restore()
        writer, verbosity = self._config.get_terminal_writer(), self._config.get_verbosity()
        if self._report is not None and self._report.timing.makespan:
            from pytest_parallel_agents.reports.terminal import write_summary

            rerun = RERUN_FAILED if self._config.pluginmanager.hasplugin("cacheprovider") else ""
            write_summary(self._report, writer, verbosity=verbosity, rerun=rerun)
        self._annotate(terminalreporter)
        for worker, errors in {} if self._run is None else self._run.late_errors.items():
            terminalreporter.section(f"worker {worker}: errors at the end of its session", red=True)
            terminalreporter.write_line(escape_lines(errors))
        for line in fitted((f"agents: {escape(text)}" for text in remarks(self._config)), writer.fullwidth):
            terminalreporter.write_line(line, yellow=True)
        for complaint in self._complaints:
            terminalreporter.write_line(f"ERROR: {complaint}", red=True)

    def _shorten_failures(self, report: Report) -> None:
        """Have the terminal show each finding once where the summary lists them."""
        manager = self._config.pluginmanager
        terminal = manager.getplugin("terminalreporter")
        if terminal is not None and self._config.get_verbosity() >= 0:
            brief = {check.nodeid for check in report.checks if are_short(check.findings)}
            self._brief = BriefFailures(terminal, brief)
            manager.register(self._brief, "parallel-agents-brief-failures")

    def _annotate(self, terminal: Any) -> None:
        """Say to GitHub what belongs beside the lines of a pull request."""
        if self._report is not None and os.environ.get("GITHUB_ACTIONS") == "true":
            from pytest_parallel_agents.reports.github import workflow_commands

            workspace = os.environ.get("GITHUB_WORKSPACE", "")
            failures = not self._config.pluginmanager.hasplugin(_ANNOTATES_FAILURES)
            for line in workflow_commands(self._report, workspace, failures=failures):
                terminal.write_line(line)

    def convergence(self) -> Convergence:
        """What the finished checks say together, for a check that asks."""
        if self._run is None:
            raise RuntimeError("no check has run yet")
        results = self._with_uncollected(self._run.results())
        return Convergence(results, self._locate(results).ranking.causes)

    def _with_uncollected(self, ran: tuple[Result, ...]) -> tuple[Result, ...]:
        """With what was collected and did not run, and what could not be collected."""
        return ran + self._uncollected.results(self._left_out, self._options, self._agents, first=len(ran))

    def _locate(self, results: Sequence[Result]) -> Located:
        earlier, run = self._options.earlier, self._run
        return locate_causes(
            results,
            self._config.rootpath,
            measured=Measured() if run is None else run.measured,
            known=earlier.fingerprints if earlier else frozenset(),
            gates=run.planned.collected.gates if run else frozenset(),
        )

    def _write(self, report: Report) -> list[AgentsError]:
        """Write the report wherever it was asked for. Returns why it could not be."""
        complaints = []
        for path in self._options.reports:
            try:
                writer_for(path)(report, path)
            except AgentsError as complaint:
                complaints.append(complaint)
        return complaints

    def _build(self, run: Run | None, results: Sequence[Result], exitstatus: int) -> Report:
        """The report, of what was collected even if nothing could be run."""
        facts = RunFacts(
            started=self._started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            seconds=time.monotonic() - self._origin,
            workers=self._options.workers,
            cpus=self._options.cpus,
            exit_code=int(exitstatus),
            python=platform.python_version(),
            platform=platform.platform(),
            root=self._config.rootpath.as_posix(),
            policy=self._options.policy,
        )
        if run is None:
            return build(facts, None, results, self._locate(results))
        report = build(
            facts, run.planned.plan, results, self._locate(results), run.group_results(), repeated=run.repeated
        )
        if self._options.flame_graphs is not None:
            from pytest_parallel_agents.reports.flamegraphs import with_flame_graphs

            report = with_flame_graphs(report, self._options.flame_graphs, self._config.rootpath)
        if self._options.earlier is None:
            return report
        from pytest_parallel_agents.reports.baseline import compared

        alone = {check.nodeid for check in run.planned.collected.checks if check.alone}
        return compared(report, self._options.earlier, tolerances=self._options.tolerances, alone=alone)

    def _print_plan(self, planned: PlannedRun) -> None:
        from pytest_parallel_agents.session.plan_preview import predict

        after = len(planned.collected.closing)
        self._write_lines(predict(planned.plan, planned.groups, planned.estimates, self._options.cpus, after=after))

    def _print_notes(self) -> None:
        if self._options.interactive:
            self._write_lines(["agents: --pdb and the like run every check in this process, one after the other"])
        if self._run is not None and self._run.planned.is_beyond_limits:
            self._write_lines(["agents: without workers (-n 0, --pdb) no time limit holds"])
        if self._run is not None and self._run.planned.is_distributed and self._config.get_verbosity() >= 0:
            self._write_lines(self._notes_on_forking())

    def _choose_transport(self) -> None:
        """Have fresh interpreters where forks would not be what they should, unless forks were asked for."""
        watch = self._config.stash[BEFORE_FORK]
        self._reasons = watch.reasons() if self._forks() else []
        watch.end()
        if self._reasons and not self._options.specs_given:
            self._options = msgspec.structs.replace(self._options, specs=("popen",))

    def _forks(self) -> bool:
        return "fork" in self._options.specs and bool(self._options.workers)

    def _notes_on_forking(self) -> list[str]:
        so = "use --tx popen" if self._forks() else "workers are fresh interpreters, as with --tx popen"
        notes = [f"agents: {reason}: {so}" for reason in self._reasons]
        threads = unshareable.threads(self._config.pluginmanager, of_plugins=True) if self._forks() else []
        if threads:
            names = ", ".join(threads)
            notes.append(f"agents: forking while threads of plugins run ({names}); if a worker hangs, use --tx popen")
        return notes

    def _write_lines(self, lines: Sequence[str]) -> None:
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            for line in fitted(lines, self._config.get_terminal_writer().fullwidth):
                terminal.write_line(line)
