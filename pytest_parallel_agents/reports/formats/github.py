"""What GitHub Actions shows: workflow commands, each at its line of the change, and the summary of a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final, NamedTuple

from pytest_parallel_agents.agents.bounds import MOST_MESSAGE
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.formats import markdown
from pytest_parallel_agents.reports.new_findings import new_findings
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.verdict import verdict

MOST: Final = 10
"""GitHub shows this many errors of a step, as many warnings, and as many notices."""

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def workflow_commands(report: Report, workspace: str, *, failures: bool = True) -> list[str]:
    """The first ten of each sort, gravest first: checks that failed without a finding, then the findings of those that
    have some.

    `workspace` is the folder of the repository's clone, from which GitHub counts paths. Without
    `failures` there are only findings.
    """
    folder = _folder(PurePath(report.run.root), workspace)
    failed = _failures(report, folder) if failures else ()
    shown: Counter[str] = Counter()
    commands = []
    for command in (*failed, *_findings(report, folder)):
        shown[command.sort] += 1
        if shown[command.sort] <= MOST:
            commands.append(command.line)
    return commands


def step_summary(report: Report, most: int) -> bytes:
    """Markdown of at most `most` bytes: the report, the verdict alone where that is too long, or nothing."""
    whole = markdown.render(report)
    short = f"# pytest --agents\n\n{verdict(report)}\n\nThe rest is left out: there is no room for it.\n".encode()
    return next((content for content in (whole, short) if len(content) <= most), b"")


class _Command(NamedTuple):
    sort: str
    line: str


def _failures(report: Report, folder: PurePath) -> Iterator[_Command]:
    frames = report.evidence.frames if report.evidence else {}
    for check in report.checks:
        if check.outcome.bad and not check.findings:
            path, _, name = check.nodeid.partition("::")
            where, line = frames[check.nodeid][-1] if check.nodeid in frames else (path, check.line or None)
            yield _command(Level.ERROR, folder, where, line, _named(name or path, _headline(check)))


def _findings(report: Report, folder: PurePath) -> Iterator[_Command]:
    bad = frozenset(check.nodeid for check in report.checks if check.outcome.bad)
    for listed in new_findings(report):
        finding = listed.finding
        if finding.check in bad:
            yield _command(finding.level, folder, finding.path, finding.line, listed.phrase)


def _command(level: Level, folder: PurePath, path: str | None, line: int | None, message: str) -> _Command:
    places = {"file": None if path is None else (folder / path).as_posix(), "line": line}
    properties = ",".join(
        f"{name}={escape(cut(str(value), MOST_MESSAGE)).translate(_PROPERTY)}"
        for name, value in places.items()
        if value is not None
    )
    sort, about = _COMMANDS[level], escape(cut(message, MOST_MESSAGE)).translate(_DATA)
    return _Command(sort, f"::{sort}{' ' if properties else ''}{properties}::{about}")


def _named(name: str, headline: str) -> str:
    """Prefixed with the check's name, unless it begins with that, as errors of commands do."""
    return headline if headline.startswith(f"{name}: ") else f"{name}: {headline}"


def _headline(check: CheckEntry) -> str:
    return next((line for line in check.message.splitlines() if line.strip()), str(check.outcome))


def _folder(root: PurePath, workspace: str) -> PurePath:
    """The root of the tests, relative to the clone."""
    below = bool(workspace) and root.is_relative_to(workspace)
    return root.relative_to(workspace) if below else PurePath()
