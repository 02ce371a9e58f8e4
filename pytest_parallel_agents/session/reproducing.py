"""Where a failed check is defined, and the command that runs it alone."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterator, Sequence
from typing import Final

import msgspec
import pytest

from pytest_parallel_agents.controller.afterwards.repeated_options import argument, is_configured, repeated_options
from pytest_parallel_agents.model.plan import Policy
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.report import Report

_JUDGING: Final = ("agents_baseline", "agents_independence", "agents_timeout")
"""Our options by which a check may fail."""


def with_commands(report: Report, config: pytest.Config, options: Options, gates: Container[str]) -> Report:
    """The report with the command of each failed check. The `gates` judge a whole run and have none."""
    commands = _Commands(config, options)
    checks = tuple(
        msgspec.structs.replace(check, reproduce=commands.of(check))
        if check.outcome.bad and check.nodeid not in gates
        else check
        for check in report.checks
    )
    return msgspec.structs.replace(report, checks=checks)


def with_lines(report: Report, items: Sequence[pytest.Item]) -> Report:
    """The report with the line of each failed check, as far as its item knows it. Others cost too much to look up."""
    failed = {check.nodeid for check in report.checks if check.outcome.bad}
    lines = {item.nodeid: item.location[1] for item in items if item.nodeid in failed}

    def with_line(check: CheckEntry) -> CheckEntry:
        line = lines.get(check.nodeid)
        return check if line is None else msgspec.structs.replace(check, line=line + 1)

    return msgspec.structs.replace(report, checks=tuple(map(with_line, report.checks)))


class _Commands:
    def __init__(self, config: pytest.Config, options: Options) -> None:
        self._config = config
        self._options = options
        self._words = (*repeated_options(config), *(("-n", "0") if is_configured("-n", config) else ()))
        self._judging = tuple(_judging(config))

    def of(self, check: CheckEntry) -> str | msgspec.UnsetType:
        """Not set where no report can hold it: a name of a file may have bytes that are no text."""
        ours = ("--agents", *self._judging) if self._needs_agents(check) else ()
        command = shlex.join(["pytest", *ours, *self._words, argument(check.nodeid, self._config)])
        return msgspec.UNSET if any("\ud800" <= char <= "\udfff" for char in command) else command

    def _needs_agents(self, check: CheckEntry) -> bool:
        """Whether plain pytest does not know it or judges it otherwise."""
        is_command = self._config.rootpath / check.nodeid.partition("::")[0] == self._options.file
        is_strict = self._options.policy is Policy.STRICT
        return is_command or is_strict or check.kind != "test" or check.outcome is Outcome.TIMED_OUT


def _judging(config: pytest.Config) -> Iterator[str]:
    for name in _JUDGING:
        value = getattr(config.option, name)
        if value is not None:
            yield f"--{name.replace('_', '-')}={value}"
