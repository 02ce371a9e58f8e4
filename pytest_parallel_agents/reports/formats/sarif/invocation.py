"""How the checks of one agent ran, as SARIF's invocation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, UsageEntry
from pytest_parallel_agents.reports.formats.sarif.locations import folder_uri
from pytest_parallel_agents.reports.formats.sarif.results import message
from pytest_parallel_agents.reports.problems import name, text
from pytest_parallel_agents.reports.report import Report

_BROKEN: Final = frozenset({2, 3, 4})
"""pytest's exit codes of runs that were interrupted or could not do their work."""
_UNFINISHED: Final = frozenset({Outcome.ERROR, Outcome.TIMED_OUT, Outcome.CRASHED, Outcome.CANCELLED})
_MOST_NOTIFICATIONS: Final = 100


def invocation(report: Report, checks: Sequence[CheckEntry], *, left_out: int) -> Mapping[str, Any]:
    """Of `checks`. A test that breaks is a result; another check that does not finish may not have found all."""
    unfinished = [check for check in checks if check.kind != "test" and check.outcome in _UNFINISHED]
    successful = report.run.exit_code not in _BROKEN and not unfinished
    described = {
        "executionSuccessful": successful,
        "exitCode": report.run.exit_code,
        "workingDirectory": {"uri": folder_uri(report.run.root)},
        "toolExecutionNotifications": list(_notifications(unfinished, left_out)),
    }
    usages = {name(check.name): _usage(check.usage) for check in checks if isinstance(check.usage, UsageEntry)}
    if usages:
        described["properties"] = {"usage": usages}
    with suppress(ValueError):
        datetime.fromisoformat(report.run.started)
        described["startTimeUtc"] = report.run.started
    return described


def _usage(usage: UsageEntry) -> Mapping[str, Any]:
    return {
        "model": text(usage.model),
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "costUsd": usage.cost_usd,
        "kept": usage.kept,
    }


def _notifications(unfinished: Sequence[CheckEntry], left_out: int) -> Iterator[Mapping[str, Any]]:
    if left_out:
        yield _notification(f"{left_out:,} results left out: a file may have only so many", "warning")
    for check in unfinished[:_MOST_NOTIFICATIONS]:
        outcome = check.outcome.replace("_", " ")
        yield _notification(f"{name(check.name)}: {text(check.message) or outcome}", "error")
    if more := unfinished[_MOST_NOTIFICATIONS:]:
        yield _notification(f"{len(more):,} more checks that did not finish are left out here", "error")


def _notification(about: str, level: str) -> Mapping[str, Any]:
    return {"message": message(about), "level": level}
