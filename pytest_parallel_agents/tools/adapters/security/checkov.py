"""Checkov: the configuration of infrastructure. Like the tool itself a check fails on any failed policy.

Only its paid service knows severities, so without one a failed policy is an error. A file that it cannot parse, which
it skips, is a finding here. It judges folders, because it skips files that are named beside one. It asks a server only
when it is given a key for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.settings import content, values_of
from pytest_parallel_agents.tools.adapters.splitting import document_with

_LEVELS = {
    "INFO": Level.NOTE,
    "LOW": Level.NOTE,
    "MEDIUM": Level.WARNING,
    "HIGH": Level.ERROR,
    "CRITICAL": Level.ERROR,
}


class _Failed(msgspec.Struct):
    check_id: str
    check_name: str
    file_abs_path: str
    file_line_range: tuple[int, int]
    resource: str = ""
    severity: str | None = None


class _Results(msgspec.Struct):
    failed_checks: list[_Failed] = []
    parsing_errors: list[str] = []


class _Summary(msgspec.Struct):
    parsing_errors: int = 0


class _Report(msgspec.Struct):
    """The report on one kind of files; without results when there was none of any kind. A quiet tool does not report
    which files could not be parsed.
    """

    results: _Results | None = None
    summary: _Summary = msgspec.field(default_factory=_Summary)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    folders = [f"--directory={path}" for path in paths]
    known = any(arg.startswith("--bc-api-key") for arg in args) or "BC_API_KEY" in os.environ
    server = () if known else ("--skip-download",)
    return ["checkov", "--output=json", "--output-file-path=", "--compact", *server, *args, *folders]


def read(output: Output, root: Path) -> Evidence:
    document = decode(output.stdout, list[_Report] | _Report)
    reports = document if isinstance(document, list) else [document]
    judged = [(report.results, report.summary) for report in reports if report.results is not None]
    if not judged:
        raise NothingJudged("it has found no file to judge")
    return Evidence(findings=tuple(chain.from_iterable(_findings(*one, root) for one in judged)))


def _findings(results: _Results, summary: _Summary, root: Path) -> Iterator[Finding]:
    hidden = summary.parsing_errors - len(results.parsing_errors)
    if hidden > 0:
        yield Finding(rule="syntax", level=Level.ERROR, message=f"files that cannot be parsed: {hidden}")
    for path in results.parsing_errors:
        yield Finding(rule="syntax", level=Level.ERROR, message="cannot be parsed", path=place(path, root))
    for failed in results.failed_checks:
        first, last = failed.file_line_range
        yield Finding(
            rule=failed.check_id,
            level=_LEVELS.get(failed.severity or "", Level.ERROR),
            message=f"{failed.check_name}: {failed.resource}" if failed.resource else failed.check_name,
            path=place(failed.file_abs_path, root),
            line=first or None,
            end_line=last or None,
        )


def _obstacle(paths: Sequence[str], args: Sequence[str], folder: Path) -> str | None:
    file = next((path for path in paths if not os.path.isdir(os.path.join(folder, path))), None)
    if file is not None:
        return f"it judges folders, and {file} is none (name the folder that it is in)"
    for name in (".checkov.yaml", ".checkov.yml", *values_of("--config-file", args)):
        if _WRITES.search(content(folder / name)):
            return f"{name}: create-baseline makes it write a file (remove it)"
    return None


_WRITES = re.compile(r"^create-baseline:\s*(?:true|yes|on)\b", re.MULTILINE | re.IGNORECASE)

CHECKOV = Adapter(
    name="checkov",
    install="pip install checkov",
    argv=argv,
    read=read,
    paths=(".",),
    refused=frozenset(
        {
            "--output",
            "-o",
            "--output-file-path",
            "--create-baseline",
            "--create-config",
            "--file",
            "-f",
            "--list",
            "-l",
            "--show-config",
            "-v",
        }
    ),
    abbreviates=True,
    obstacle=_obstacle,
    split=document_with(),
)
