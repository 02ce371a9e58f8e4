"""Zizmor: the security of GitHub's workflows and actions. Like the tool itself a check fails on any finding.

Its severities informational and low are notes, medium is a warning, high an error. It skips files that it cannot parse
unless it is strict, as it is here. With a token in the environment it queries GitHub, so it has a folder for the
answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_Severity = Literal["Unknown", "Informational", "Low", "Medium", "High"]
_LEVELS = {
    "Unknown": Level.WARNING,
    "Informational": Level.NOTE,
    "Low": Level.NOTE,
    "Medium": Level.WARNING,
    "High": Level.ERROR,
}
_FOUND = frozenset({11, 12, 13, 14})


class _Determinations(msgspec.Struct):
    severity: _Severity


class _Local(msgspec.Struct):
    """A file; the name of the key has changed with version 1.20."""

    given_path: str = ""
    verbatim_path: str = ""


class _Key(msgspec.Struct, rename={"local": "Local"}):
    local: _Local | None = None


class _Symbolic(msgspec.Struct):
    key: _Key
    annotation: str = ""
    kind: str = "Primary"


class _Point(msgspec.Struct):
    row: int


class _Lines(msgspec.Struct):
    start_point: _Point
    end_point: _Point


class _Concrete(msgspec.Struct):
    location: _Lines


class _Location(msgspec.Struct):
    symbolic: _Symbolic
    concrete: _Concrete


class _Result(msgspec.Struct):
    ident: str
    desc: str
    determinations: _Determinations
    locations: list[_Location]
    ignored: bool = False


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    ours = ("--format=json-v1", "--color=never", "--no-progress", "--strict-collection", f"--cache-dir={cache}")
    return ["zizmor", *ours, *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    results = decode(output.stdout, list[_Result])
    return Evidence(findings=tuple(_finding(result, root) for result in results if not result.ignored))


def _finding(result: _Result, root: Path) -> Finding:
    primary = [location for location in result.locations if location.symbolic.kind == "Primary"]
    location = next(iter(primary or result.locations), None)
    local = location.symbolic.key.local if location else None
    lines = location.concrete.location if location else None  # counted from 0
    annotation = location.symbolic.annotation if location else ""
    return Finding(
        rule=result.ident,
        level=_LEVELS[result.determinations.severity],
        message=f"{result.desc}: {annotation}" if annotation else result.desc,
        path=place(local.verbatim_path or local.given_path, root) if local else None,
        line=lines.start_point.row + 1 if lines else None,
        end_line=lines.end_point.row + 1 if lines else None,
    )


ZIZMOR = Adapter(
    name="zizmor",
    install="pip install zizmor",
    argv=argv,
    read=read,
    codes=frozenset({0}) | _FOUND,
    paths=(".",),
    types=("*.github/workflows/*.yml", "*.github/workflows/*.yaml", "action.yml", "action.yaml", "dependabot.yml"),
    file_args=(),
    writing=frozenset({"--fix"}),
    refused=frozenset({"--format", "--lsp", "-V", "--completions"}),
    split=document_with("ident", "determinations"),
    nothing=re.compile(r"no inputs collected"),
)
