"""Semgrep. It needs rules: `args = ["--config=rules.yml"]`, or the environment variable `SEMGREP_RULES`.

Like `semgrep --error` a check fails on any finding. Semgrep skips files that it cannot parse and gives up on those that
take too long; here these are findings of the level `warning`. It sends no metrics and does not ask for its newest
version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_Severity = Literal["CRITICAL", "HIGH", "ERROR", "MEDIUM", "WARNING", "LOW", "INFO", "INVENTORY", "EXPERIMENT"]
_LEVELS: Mapping[_Severity, Level] = {
    "CRITICAL": Level.ERROR,
    "HIGH": Level.ERROR,
    "ERROR": Level.ERROR,
    "MEDIUM": Level.WARNING,
    "WARNING": Level.WARNING,
    "LOW": Level.NOTE,
    "INFO": Level.NOTE,
    "INVENTORY": Level.NOTE,
    "EXPERIMENT": Level.NOTE,
}


class _Position(msgspec.Struct):
    line: int


class _Extra(msgspec.Struct):
    message: str
    severity: _Severity


class _Result(msgspec.Struct):
    check_id: str
    path: str
    start: _Position
    end: _Position
    extra: _Extra


class _Span(msgspec.Struct):
    start: _Position
    end: _Position


class _Error(msgspec.Struct):
    """An error of semgrep. Its type is a name, or a name with details."""

    level: str
    type: str | tuple[str, msgspec.Raw]
    message: str = ""
    long_msg: str = ""
    path: str | None = None
    spans: list[_Span] = []

    def rule(self) -> str:
        name = self.type if isinstance(self.type, str) else self.type[0]
        return re.sub(r"\W+|(?<=[a-z])(?=[A-Z])", "-", name).lower()


class _Paths(msgspec.Struct):
    scanned: list[str]


class _Document(msgspec.Struct):
    errors: list[_Error]
    results: list[_Result]
    paths: _Paths | None = None


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    quiet = ("--quiet", "--metrics=off", "--disable-version-check")
    return ["semgrep", "scan", "--json", *quiet, "--jobs=1", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    document = decode(output.stdout, _Document)
    grave = [error.message or error.long_msg for error in document.errors if error.level == "error"]
    if grave:
        raise Unreadable("; ".join(grave))
    if document.paths is not None and not document.paths.scanned and not document.errors:
        raise NothingJudged("it has found no file to scan")
    undone = tuple(_undone(error, root) for error in document.errors)
    return Evidence(findings=(*(_finding(result, root) for result in document.results), *undone))


def _finding(result: _Result, root: Path) -> Finding:
    return Finding(
        rule=result.check_id,
        level=_LEVELS[result.extra.severity],
        message=result.extra.message,
        path=place(result.path, root),
        line=result.start.line,
        end_line=result.end.line,
    )


def _undone(error: _Error, root: Path) -> Finding:
    span = error.spans[0] if error.spans else None
    return Finding(
        rule=error.rule(),
        level=Level.WARNING,
        message=error.message or error.long_msg,
        path=place(error.path, root) if error.path else None,
        line=span.start.line if span else None,
        end_line=span.end.line if span else None,
    )


_FORMATS = ("emacs", "gitlab-sast", "gitlab-secrets", "junit-xml", "sarif", "text", "vim")

SEMGREP = Adapter(
    name="semgrep",
    install="pip install semgrep",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 3}),
    writing=frozenset({"--autofix", "-a"}),
    refused=frozenset({"--output", "-o", "--json-output", "--incremental-output", "--test", "--validate"})
    | {f"--{name}{output}" for name in _FORMATS for output in ("", "-output")},
    unset=frozenset({"SEMGREP_ENABLE_VERSION_CHECK"}),
    split=document_with("errors", "results"),
)
