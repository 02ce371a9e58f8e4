"""Yamllint 1.28 and newer. Like the tool itself a check fails on errors only; `fail-on = "warning"` does what its
`--strict` does.

A file that it cannot decode ends it, after it has reported the files before, with the exit code of findings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import match_lines
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter

_PROBLEM = re.compile(
    r"(?P<path>.+?):(?P<line>\d+):\d+: \[(?P<level>error|warning)\] (?P<message>.+?)(?: \((?P<rule>[\w-]+)\))?"
)

_RAISED = re.compile(r"^Traceback [^\0]*?^(\w.*)", re.MULTILINE)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["yamllint", *args, "--format=parsable", "--", *paths]


def listing(paths: Sequence[str], args: Sequence[str]) -> Sequence[str]:
    return ["yamllint", "--list-files", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    raised = _RAISED.search(output.stderr)
    if raised:
        raise Unreadable(raised[1])
    return Evidence(findings=tuple(_finding(match, root) for match in match_lines(output.stdout, _PROBLEM)))


def _finding(match: re.Match[str], root: Path) -> Finding:
    return Finding(
        rule=match["rule"] or "syntax",
        level=Level(match["level"]),
        message=match["message"],
        path=place(match["path"], root),
        line=int(match["line"]),
    )


YAMLLINT = Adapter(
    name="yamllint",
    install='pip install "yamllint>=1.28"',
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 2}),
    paths=(".",),
    fail_on=Level.ERROR,
    listing=listing,
    types=("*.yaml", "*.yml", ".yamllint"),
    file_args=(),
    refused=frozenset({"--list-files", "-v"}),
    abbreviates=True,
)
