"""SARIF 2.1.0, the parts that give the place and the gravity of a result.

Defaults follow the standard, https://docs.oasis-open.org/sarif/sarif/v2.1.0/, whose sections are named by number.
Results that passed, do not apply, are suppressed or are absent since a baseline are no findings. Keys whose value is
null count as absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats.decoding import parse, shaped
from pytest_parallel_agents.tool_formats.locating import Locator, Prefix, path_map
from pytest_parallel_agents.tool_formats.output import Output, Reader, Unreadable
from pytest_parallel_agents.tool_formats.sarif.artifacts import foreign_uri, location_of, spellings
from pytest_parallel_agents.tool_formats.sarif.messages import message_text
from pytest_parallel_agents.tool_formats.sarif.rules import Rules
from pytest_parallel_agents.tool_formats.sarif.shape import Invocation, Log, Result, Run


def configured(table: Table) -> Reader:
    return partial(read, prefixes=path_map(table))


def read(output: Output, root: Path, prefixes: tuple[Prefix, ...] = ()) -> Evidence:
    log = shaped(parse(output.stdout, nulls=False), Log)
    if log.inline_external_properties or any(run.external_property_file_references for run in log.runs):
        raise Unreadable("parts of its output stand elsewhere: external properties are not read")
    for run in log.runs:
        _refuse_unfinished(run)
    locator = Locator(root, prefixes)
    return Evidence(findings=tuple(finding for run in log.runs for finding in _findings(run, locator)))


def _refuse_unfinished(run: Run) -> None:
    name = run.tool.driver.name or "the tool"
    for invocation in run.invocations:
        errors = "; ".join(_errors(run, invocation))
        if not invocation.execution_successful:
            raise Unreadable(f"{name} reports that it did not finish{': ' if errors else ''}{errors}")
        if errors:
            raise Unreadable(f"{name} reports an error: {errors}")


def _errors(run: Run, invocation: Invocation) -> Iterator[str]:
    """The errors that kept the tool from doing all of its work; if it did not finish, all its notifications."""
    driver = run.tool.driver
    strings = [descriptor.message_strings for descriptor in driver.notifications]
    for notification in (
        *invocation.tool_execution_notifications,
        *invocation.tool_configuration_notifications,
    ):
        if notification.level == "error" or not invocation.execution_successful:
            text = message_text(notification.message, (*strings, driver.global_message_strings))
            yield text or notification.descriptor.id or "no message"
    if not invocation.execution_successful:
        yield from filter(None, (invocation.process_start_failure_message, invocation.exit_signal_name))


def _findings(run: Run, locator: Locator) -> Iterator[Finding]:
    rules = Rules(run)
    return (_finding(result, run, rules, locator) for result in run.results if _counts(result))


def _counts(result: Result) -> bool:
    suppressed = bool(result.suppressions) and all(s.status == "accepted" for s in result.suppressions)
    return result.kind not in {"pass", "notApplicable"} and result.baseline_state != "absent" and not suppressed


def _finding(result: Result, run: Run, rules: Rules, locator: Locator) -> Finding:
    location = location_of(result, run)
    elsewhere = foreign_uri(location.artifact_location, run)
    paths = spellings(location.artifact_location, run)
    message = rules.message(result)
    return locator.finding(
        rule=rules.name(result),
        level=rules.level(result),
        message=f"{elsewhere}: {message}" if elsewhere else message,
        paths=paths,
        line=location.region.start_line if paths else None,
        end_line=location.region.end_line if paths else None,
    )
