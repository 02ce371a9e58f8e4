"""Pyright. Like the tool itself a check fails on errors only; `fail-on = "warning"` does what its `--warnings` does.

It passes with half of its configuration when it does not understand the rest; here that is an error. Basedpyright
prints the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "information": Level.NOTE}
_CONFIGURATION = re.compile(
    r"^(?:Config |Pyproject |Index \d+ of |Defined constant |Circular reference in config"
    r'|invalid "typeCheckingMode"|unknown config option|failed to parse baseline).+',
    re.MULTILINE,
)


class _Position(msgspec.Struct):
    line: int


class _Range(msgspec.Struct):
    start: _Position
    end: _Position


class _Diagnostic(msgspec.Struct):
    file: str
    severity: Literal["error", "warning", "information"]
    message: str
    range: _Range | None = None
    rule: str = ""


class _Summary(msgspec.Struct, rename="camel"):
    files_analyzed: int


class _Document(msgspec.Struct, rename="camel"):
    general_diagnostics: list[_Diagnostic]
    summary: _Summary | None = None


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["pyright", "--outputjson", *args, *paths]  # it does not know "--"


def read_diagnostics(tool: str, output: Output, root: Path) -> Evidence:
    """The findings of the tool of this name. Raises Unreadable."""
    misread = _CONFIGURATION.search(output.stderr)
    if misread:
        raise Unreadable(f"it does not understand its configuration: {misread.group()}")
    document = decode(output.stdout, _Document)
    findings = tuple(_finding(tool, diagnostic, root) for diagnostic in document.general_diagnostics)
    if document.summary is not None and document.summary.files_analyzed == 0 and not findings:
        raise NothingJudged("it has found no file to analyze")
    return Evidence(findings=findings)


def _finding(tool: str, diagnostic: _Diagnostic, root: Path) -> Finding:
    lines = diagnostic.range  # counted from 0
    return Finding(
        rule=diagnostic.rule or tool,
        level=_LEVELS[diagnostic.severity],
        message=diagnostic.message,
        path=place(diagnostic.file, root),
        line=lines.start.line + 1 if lines else None,
        end_line=lines.end.line + 1 if lines else None,
    )


REFUSED = frozenset({"--createstub", "--verifytypes", "--watch", "-w"})
SPLIT = document_with("generalDiagnostics")
NOTHING = re.compile(r"^No source files found.*", re.MULTILINE)

PYRIGHT = Adapter(
    name="pyright",
    install="pip install pyright",
    argv=argv,
    read=partial(read_diagnostics, "pyright"),
    fail_on=Level.ERROR,
    types=("*.py", "*.pyi"),
    refused=REFUSED | {"--stats"},
    split=SPLIT,
    nothing=NOTHING,
)
