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
from pytest_parallel_agents.agents.formats.decoding import decode
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Finding, Level

_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "information": Level.NOTE}
_CONFIGURATION = re.compile(
    r"^(?:Config |Pyproject |Index \d+ of |Defined constant |Circular reference in config"
    r'|invalid "typeCheckingMode"|unknown config option|failed to parse baseline).+',
    re.MULTILINE,
)
_BEFORE_DOCUMENT = re.compile(r"\A[^{]*?(?=^\{)", re.MULTILINE)  # what it says of its baseline file


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


class _Document(msgspec.Struct, rename="camel"):
    general_diagnostics: list[_Diagnostic]


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["basedpyright", "--outputjson", "--baselinemode=discard", *args, *paths]  # it does not know "--"


def read(output: Output, root: Path) -> Evidence:
    misread = _CONFIGURATION.search(output.stderr)
    if misread:
        raise Unreadable(f"it does not understand its configuration: {misread.group()}")
    document = _BEFORE_DOCUMENT.sub("", output.stdout)
    diagnostics = decode(document, _Document).general_diagnostics
    return Evidence(findings=tuple(_finding(diagnostic, root) for diagnostic in diagnostics))


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


BASEDPYRIGHT = Adapter(
    name="basedpyright",
    install='pip install "basedpyright>=1.36"',
    argv=argv,
    read=read,
    fail_on=Level.WARNING,
    types=("*.py", "*.pyi"),
)
