"""Basedpyright 1.36 and newer. Like the tool itself a check fails on warnings too.

It passes with half of its configuration when it does not understand the rest; here that is an error. It would write its
baseline file anew whenever findings have become fewer, while other checks run; older versions cannot be told not to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.adapters.splitting import document_with
from pytest_parallel_agents.agents.formats.decoding import decode
from pytest_parallel_agents.agents.output import NothingJudged, Output, Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.agents.writing import has_flag
from pytest_parallel_agents.model import Evidence, Finding, Level

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
    rule: str = "basedpyright"


class _Summary(msgspec.Struct, rename="camel"):
    files_analyzed: int


class _Document(msgspec.Struct, rename="camel"):
    general_diagnostics: list[_Diagnostic]
    summary: _Summary | None = None


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    baseline = () if has_flag(_WRITING, args) else ("--baselinemode=discard",)
    return ["basedpyright", "--outputjson", *baseline, *args, *paths]  # it does not know "--"


def read(output: Output, root: Path) -> Evidence:
    misread = _CONFIGURATION.search(output.stderr)
    if misread:
        raise Unreadable(f"it does not understand its configuration: {misread.group()}")
    document = decode(output.stdout, _Document)
    findings = tuple(_finding(diagnostic, root) for diagnostic in document.general_diagnostics)
    if document.summary is not None and document.summary.files_analyzed == 0 and not findings:
        raise NothingJudged("it has found no file to analyze")
    return Evidence(findings=findings)


def _finding(diagnostic: _Diagnostic, root: Path) -> Finding:
    lines = diagnostic.range  # counted from 0
    return Finding(
        rule=diagnostic.rule,
        level=_LEVELS[diagnostic.severity],
        message=diagnostic.message,
        path=place(diagnostic.file, root),
        line=lines.start.line + 1 if lines else None,
        end_line=lines.end.line + 1 if lines else None,
    )


_WRITING = frozenset({"--writebaseline"})

BASEDPYRIGHT = Adapter(
    name="basedpyright",
    install='pip install "basedpyright>=1.36"',
    argv=argv,
    read=read,
    fail_on=Level.WARNING,
    types=("*.py", "*.pyi"),
    writing=_WRITING,
    refused=frozenset({"--createstub", "--gitlabcodequality", "--verifytypes", "--watch", "-w"}),
    split=document_with("generalDiagnostics"),
    nothing=re.compile(r"^No source files found.*", re.MULTILINE),
)
