"""Configured commands as pytest items, so that selection, reporting and JUnit treat them like any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from _pytest.pathlib import bestrelpath

from pytest_parallel_agents.agents.evidence import record_evidence, record_note, set_fail_on
from pytest_parallel_agents.agents.judging import OVERRULED
from pytest_parallel_agents.collection.answers import kept_answers, record_answer
from pytest_parallel_agents.collection.cache_folder import cache_folder
from pytest_parallel_agents.collection.retries import Retrying, set_retrying
from pytest_parallel_agents.errors import AgentsError, BrokenTool
from pytest_parallel_agents.marks import MARK, set_table
from pytest_parallel_agents.model.results import Evidence, Level
from pytest_parallel_agents.options import HOST, Options
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.tool_formats.output import Output, for_people
from pytest_parallel_agents.tools.asking import run_tool
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.early.client import BEGUN
from pytest_parallel_agents.tools.interpretation import interpret, overrules
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.scratch import scratch_folder
from pytest_parallel_agents.tools.streams import STREAM_FILES, WITHOUT_NAMES
from pytest_parallel_agents.tools.touched_lines import TouchedLines, is_all_demoted, touched_lines


class ConfiguredCommands:
    """The plugin that collects the configuration file of the commands."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._session: pytest.Session | None = None

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if not self._options.commands or file_path != self._options.file:
            return None
        file: CommandFile = CommandFile.from_parent(parent, path=file_path)
        file.specs = self._options.commands
        return file

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Collects the file too when the user named no paths; `pytest tests/test_a.py` runs that file alone."""
        self._session = session
        config, file = session.config, self._options.file
        if not self._options.commands or file is None or config.args_source == pytest.Config.ArgsSource.ARGS:
            return
        covered = (config.invocation_params.dir / argument for argument in config.args)
        if config.invocation_params.dir == config.rootpath and not any(path in file.parents for path in covered):
            config.args = [*config.args, str(file)]

    @pytest.hookimpl
    def pytest_report_collectionfinish(self, config: pytest.Config) -> str | None:
        """Reports it when the paths or the folder leave out all commands."""
        session, file, here = self._session, self._options.file, config.invocation_params.dir
        if session is None or file is None or config.get_verbosity() < 0:
            return None
        if any(map(session.isinitpath, (file, *file.parents))):
            return None
        left_out = f"agents: {counted(len(self._options.commands), 'configured command')} left out"
        if config.args_source == pytest.Config.ArgsSource.ARGS:
            return f"{left_out} by the paths given: add {bestrelpath(here, file)} to them"
        return f"{left_out} in this folder: start in {config.rootpath}, or give . {bestrelpath(here, file)} as paths"


class CommandFile(pytest.File):
    """The configuration file, as the collector of its commands."""

    specs: Sequence[CommandSpec] = ()

    def collect(self) -> Iterator[pytest.Item]:
        for spec in self.specs:
            for chosen in spec.inputs:
                for one in map(spec.of_voter, spec.voters) if spec.voters else [spec]:
                    yield CommandItem.of(self, one, chosen)


class CommandItem(pytest.Item):
    """One command, for one of its inputs and one of its voters.

    Its set-up runs the tool and its call judges the findings: a tool that cannot do its work is an error of the check,
    and only its findings are a failure.
    """

    spec: CommandSpec
    chosen: str | None

    @classmethod
    def of(cls, parent: pytest.Collector, spec: CommandSpec, chosen: str | None) -> CommandItem:
        parameters = [each for each in (chosen, spec.voter) if each is not None]
        name = f"{spec.name}[{'-'.join(parameters)}]" if parameters else spec.name
        # text is parsed, so that brackets count as parameters, as they do in the cache of --lf
        item: CommandItem = cls.from_parent(parent, name=name, nodeid=f"{parent.nodeid}::{name}")
        item.spec, item.chosen = spec, chosen
        item.add_marker(getattr(pytest.mark, MARK)(spec.kind, **_mark_arguments(spec, chosen)))
        set_table(item, spec.where)
        item.retry()
        return item

    def retry(self, *, named: float | None = None) -> None:
        """Sets when another attempt follows a failed one, and how soon if a service has named the pause."""
        broken_only = self.spec.reports_findings
        set_retrying(self, Retrying(pause=self.spec.retry_pause, named=named, broken_only=broken_only))

    def setup(self) -> None:
        if self.config.getoption("setuponly") or self.config.getoption("setupplan"):
            return  # these show the fixtures of tests, and a command has none
        self.retry()
        try:
            self._judge()
        except BrokenTool as error:
            self.retry(named=error.pause)
            raise

    def _judge(self) -> None:
        changes = self.spec.only_changed.read(self.config.rootpath)
        touched = self._touched()
        answers = kept_answers(self.config)
        with scratch_folder() as scratch:
            invocation = Invocation(
                chosen=self.chosen,
                root=self.config.rootpath,
                scratch=scratch,
                cache=cache_folder(self.config, scratch),
                changes=changes,
                streams=self.config.stash.get(STREAM_FILES, WITHOUT_NAMES),
                begun=self.stash.get(BEGUN, None),
                answers=answers,
                host=self.config.stash.get(HOST, ""),
            )
            output = run_tool(self.spec, invocation)
        if self.spec.reports_usage:
            record_answer(self, output)
        evidence = interpret(self.spec, output, root=self.config.rootpath, chosen=self.chosen)
        answers.keep(output)
        counting = changes.only(evidence) if changes is not None else evidence
        counting = touched.demoted(counting) if touched is not None else counting
        record_evidence(self, counting)
        self._limit(output, evidence, counting)
        self._quote("stderr", output.stderr)
        self._quote("stdout", output.other_text)
        if self.spec.has_other_text(output.stdout):
            self._quote("stdout", output.stdout)

    def _touched(self) -> TouchedLines | None:
        """The lines that the diff touches which the command is about to be sent: files may change while it runs.

        None without a diff, and where git cannot tell, which fails the command itself.
        """
        with suppress(BrokenTool):
            return touched_lines(self.spec.stdin.of(self.chosen), self.config.rootpath)
        return None

    def _limit(self, output: Output, evidence: Evidence, counting: Evidence) -> None:
        """Lets a tool that has failed fail the check, whatever its findings are, unless the user has overruled that, or
        none of them counts as more than a note.
        """
        overruled = overrules(self.spec, output, evidence)
        by_exit = overruled and self.spec.fails_by_exit and not is_all_demoted(evidence, counting)
        set_fail_on(self, Level.NOTE if by_exit else self.spec.fail_on)
        if overruled and not self.spec.fails_by_exit:
            found = counted(len(evidence.findings), "finding")
            level = f'none at or above fail-on = "{self.spec.fail_on}"'
            record_note(self, f"{OVERRULED}{output.ended}, {found}, {level}")

    def _quote(self, stream: str, text: str) -> None:
        """Shows it where pytest shows the output of tests. The error of a broken tool quotes its end itself."""
        if text.strip():
            self.add_report_section("setup", stream, for_people(text))

    def runtest(self) -> None:
        """Runs nothing: the judgement of the findings follows every call."""

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, (self.spec.line or 1) - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, AgentsError):
            return _shown(excinfo.value)
        return super().repr_failure(excinfo, style)

    def _repr_failure_py(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text that pytest shows when the set-up failed."""
        if isinstance(excinfo.value, AgentsError):
            return _shown(excinfo.value)
        return super()._repr_failure_py(excinfo, style)


def _shown(error: AgentsError) -> str:
    return for_people(str(error))


def _mark_arguments(spec: CommandSpec, chosen: str | None) -> dict[str, Any]:
    names = ("reads", "after", "cpus", "timeout", "alone", "retries")
    group = spec.group if chosen is None or spec.agree is None else f"{spec.group}[{chosen}]"  # a panel for each input
    return {"writes": spec.written(chosen), "group": group, **{name: getattr(spec, name) for name in names}}
