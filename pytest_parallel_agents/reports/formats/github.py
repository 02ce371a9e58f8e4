"""Failures as workflow commands of GitHub Actions, which shows each at its line of the change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import Final

from pytest_parallel_agents.model import Level
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.new_findings import new_findings
from pytest_parallel_agents.reports.report import CheckEntry, Report

MOST: Final = 10
"""GitHub shows this many of a step."""

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def workflow_commands(report: Report, workspace: str, *, failures: bool = True) -> list[str]:
    """The first ten, gravest first: checks that failed without a finding, then the findings of those that have some.

    `workspace` is the folder of the repository's clone, from which GitHub counts paths. Without
    `failures` there are only findings.
    """
    folder = _folder(PurePath(report.run.root), workspace)
    failed = _failures(report, folder) if failures else ()
    return list(islice((*failed, *_findings(report, folder)), MOST))


def _failures(report: Report, folder: PurePath) -> Iterator[str]:
    frames = report.evidence.frames if report.evidence else {}
    for check in report.checks:
        if check.outcome.bad and not check.findings:
            path, _, name = check.nodeid.partition("::")
            where, line = frames[check.nodeid][-1] if check.nodeid in frames else (path, None)
            yield _command(Level.ERROR, folder, where, line, _named(name or path, _headline(check)))


def _findings(report: Report, folder: PurePath) -> Iterator[str]:
    bad = frozenset(check.nodeid for check in report.checks if check.outcome.bad)
    for listed in new_findings(report):
        finding = listed.finding
        if finding.check in bad:
            yield _command(finding.level, folder, finding.path, finding.line, listed.phrase)


def _command(level: Level, folder: PurePath, path: str | None, line: int | None, message: str) -> str:
    places = {"file": None if path is None else (folder / path).as_posix(), "line": line}
    properties = ",".join(
        f"{name}={escape(str(value)).translate(_PROPERTY)}" for name, value in places.items() if value is not None
    )
    return f"::{_COMMANDS[level]}{' ' if properties else ''}{properties}::{escape(message).translate(_DATA)}"


def _named(name: str, headline: str) -> str:
    """Prefixed with the check's name, unless it begins with that, as errors of commands do."""
    return headline if headline.startswith(f"{name}: ") else f"{name}: {headline}"


def _headline(check: CheckEntry) -> str:
    return next((line for line in check.message.splitlines() if line.strip()), str(check.outcome))


def _folder(root: PurePath, workspace: str) -> PurePath:
    """The root of the tests, relative to the clone."""
    below = bool(workspace) and root.is_relative_to(workspace)
    return root.relative_to(workspace) if below else PurePath()
