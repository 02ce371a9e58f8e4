"""Bandit. Its severities low, medium and high are note, warning and error, as in its own SARIF.

Like the tool itself a check fails on any of them; `fail-on = "error"` fails on high severity only. It skips files that
it cannot parse; here they are findings. A file `.bandit` may name another output, which is overridden.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_LEVELS = {"LOW": Level.NOTE, "MEDIUM": Level.WARNING, "HIGH": Level.ERROR, "UNDEFINED": Level.WARNING}


class _Result(msgspec.Struct):
    filename: str
    issue_severity: Literal["LOW", "MEDIUM", "HIGH", "UNDEFINED"]
    issue_text: str
    line_number: int
    line_range: list[int]
    test_id: str


class _Error(msgspec.Struct):
    filename: str
    reason: str


class _Document(msgspec.Struct):
    errors: list[_Error]
    results: list[_Result]
    metrics: dict[str, msgspec.Raw] | None = None


_STDOUT = "/dev/stdout"
"""Given as an argument it overrides the settings; as a default it does not."""

_TOTALS = "_totals"


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    output = (f"--output={_STDOUT}",) if os.path.lexists(_STDOUT) else ()
    return ["bandit", "--quiet", "--format=json", *output, "--recursive", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    document = decode(output.stdout, _Document)
    if document.metrics is not None and document.metrics.keys() <= {_TOTALS} and not document.errors:
        raise NothingJudged("it has found no file to scan")
    unparsed = tuple(_syntax_error(error, root) for error in document.errors)
    return Evidence(findings=(*unparsed, *(_finding(result, root) for result in document.results)))


def _syntax_error(error: _Error, root: Path) -> Finding:
    if "syntax error" not in error.reason:
        raise Unreadable(f"{error.filename}: {error.reason}")
    return Finding(rule="syntax", level=Level.ERROR, message=error.reason, path=place(error.filename, root))


def _finding(result: _Result, root: Path) -> Finding:
    return Finding(
        rule=result.test_id,
        level=_LEVELS[result.issue_severity],
        message=result.issue_text,
        path=place(result.filename, root),
        line=result.line_number,
        end_line=max(result.line_range, default=None),
    )


BANDIT = Adapter(
    name="bandit",
    install="pip install bandit",
    argv=argv,
    read=read,
    paths=(".",),
    types=("*.py",),
    refused=frozenset({"--format", "-f", "--output", "-o", "--msg-template"}),
    abbreviates=True,
    split=document_with("errors", "results"),
)
