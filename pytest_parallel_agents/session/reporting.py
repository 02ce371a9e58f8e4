"""The report of a session: built from what its run has left, and written wherever it was asked for."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_parallel_agents.collection.cache_folder import lasting_folder
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.model.results import Result
from pytest_parallel_agents.options import DIVISION, Options
from pytest_parallel_agents.reports.build import RunFacts, build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.formats.suffixes import write_report
from pytest_parallel_agents.reports.last_report import CACHE, keep_report
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.session.causes import locate_causes
from pytest_parallel_agents.session.code_paths import code_paths
from pytest_parallel_agents.session.code_state import CodeState, code_state
from pytest_parallel_agents.session.reproducing import with_commands, with_lines
from pytest_parallel_agents.session.run import Run
from pytest_parallel_agents.several_runs.history import with_exit_code, with_history
from pytest_parallel_agents.several_runs.kept_reports import FOLDER, KeptReports


class Reporting:
    """Reports on the session that begins when this is made. `origin` is that time on the monotonic clock."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._root = config.rootpath
        self._started = datetime.fromtimestamp(time.time(), UTC)
        self.origin = time.monotonic()

    def build(
        self, run: Run | None, results: Sequence[Result], located: Located, options: Options, exit_code: int
    ) -> Report:
        """The report, with all collected checks even if none could be run."""
        report = self._build(run, results, located, options, exit_code)
        kept = self._kept(options)
        return report if kept is None or not options.reports else with_history(report, kept.runs())

    def _build(
        self, run: Run | None, results: Sequence[Result], located: Located, options: Options, exit_code: int
    ) -> Report:
        is_compared = bool(options.keeping.reports) or options.shard is not None
        code = code_state(self._root) if is_compared else CodeState()
        facts = RunFacts(
            started=self._started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            seconds=time.monotonic() - self.origin,
            workers=options.workers,
            cpus=options.cpus,
            exit_code=exit_code,
            python=platform.python_version(),
            platform=platform.platform(),
            root=self._root.as_posix(),
            policy=options.policy,
            shard=None if options.shard is None else str(options.shard),
            division=self._config.stash.get(DIVISION, None),
            configuration=options.configuration,
            commit=code.commit,
            uncommitted=code.uncommitted,
        )
        if run is None:
            return with_commands(build(facts, None, results, located), self._config, options, gates=())
        plan, groups = run.planned.plan, run.group_results()
        report = build(facts, plan, results, located, groups, repeated=run.repeated, collecting=run.collecting)
        report = with_commands(report, self._config, options, run.planned.collected.gates)
        report = with_lines(report, run.planned.session.items)
        if options.flame_graphs is not None:
            from pytest_parallel_agents.reports.formats.flamegraphs import with_flame_graphs

            report = with_flame_graphs(report, options.flame_graphs, self._root)
        if options.earlier is None:
            return report
        from pytest_parallel_agents.reports.baseline import compared

        alone = {check.nodeid for check in run.planned.collected.checks if check.alone}
        return compared(report, options.earlier, tolerances=options.tolerances, alone=alone)

    def keep(self, report: Report, session: pytest.Session, options: Options, *, broken_off: bool) -> None:
        """Keeps the report as the last one, and for the history of later runs as far as that is wanted.

        When the exit code of the session is no longer the report's, that one is written again before. Python exits
        with 1 for a run that is `broken_off` by an exception.
        """
        exit_code = int(session.exitstatus) or int(broken_off)
        if exit_code != report.run.exit_code:
            report = write_again(report, exit_code, options.reports)
        cache = getattr(self._config, "cache", None)
        in_cache = False
        with suppress(OSError):  # pytest's own cache warns of it
            in_cache = cache is not None and Path(cache.mkdir("parallel-agents")).is_relative_to(self._root / CACHE)
        if report.checks:  # of a mistake on the command line there is nothing to explain
            keep_report(report, in_cache=in_cache)
        kept = self._kept(options)
        if kept is not None:
            kept.add(report, options.keeping)

    def _kept(self, options: Options) -> KeptReports | None:
        folder = lasting_folder(self._config) if options.keeping.reports else None
        return None if folder is None else KeptReports(folder / FOLDER)

    def locate(self, run: Run | None, results: Sequence[Result], options: Options) -> Located:
        """Where to look first."""
        return locate_causes(
            results,
            self._config,
            measured=Measured() if run is None else run.measured,
            known=options.earlier.fingerprints if options.earlier else frozenset(),
            gates=run.planned.collected.gates if run else frozenset(),
            code_paths=code_paths(run.planned.session.items) if run else frozenset(),
        )


def write_reports(report: Report, paths: Sequence[Path]) -> list[AgentsError]:
    """Write the report to each of these files. Returns why it could not be."""
    complaints = []
    for path in paths:
        try:
            write_report(report, path)
        except AgentsError as complaint:
            complaints.append(complaint)
    return complaints


def write_again(report: Report, exit_code: int, paths: Sequence[Path]) -> Report:
    """The report with this exit code, which those of the files have, too, that can be written."""
    report = with_exit_code(report, exit_code)
    write_reports(report, paths)
    return report
