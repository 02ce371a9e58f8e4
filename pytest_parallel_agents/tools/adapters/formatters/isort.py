"""Isort, which only reports: one finding for each place that it would change.

It skips files that it cannot read or decode; here the former are an error and the latter findings, which it only names
when it is verbose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.formatters.formatting import unformatted

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_UNREAD = re.compile(r"(?P<why>Unable to parse file .+ due to .+)")
_RAISED = re.compile(r"^Traceback [^\0]*?^(?P<why>\w.*)", re.MULTILINE)
_UNDECODED = re.compile(r"UserWarning: (?P<message>Encoding not supported for (?P<path>.+))$", re.MULTILINE)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["isort", *args, "--check-only", "--diff", "--verbose", "--", *paths]


def listing(paths: Sequence[str], args: Sequence[str]) -> Sequence[str]:
    return ["isort", "--show-files", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    unread = _UNREAD.search(output.stderr) or _RAISED.search(output.stderr)
    if unread:
        raise Unreadable(unread["why"])
    diff = _COLOURS.sub("", output.stdout)
    unsorted = unformatted(diff, root, rule="unsorted-imports", message="imports would be sorted", suffix=":before")
    return Evidence(findings=(*_undecoded(output.stderr, root), *unsorted))


def _undecoded(text: str, root: Path) -> Iterator[Finding]:
    for match in _UNDECODED.finditer(text):
        path = place(match["path"], root)
        yield Finding(rule="encoding", level=Level.ERROR, message=match["message"], path=path)


ISORT = Adapter(
    name="isort",
    install="pip install isort",
    argv=argv,
    read=read,
    paths=(".",),
    listing=listing,
    types=("*.py", "*.pyi", "*.pyx", "*.pxd"),
    file_args=("--filter-files",),
    refused=frozenset({"--show-files", "--show-settings", "--show-config", "--version-number", "--vn", "-V"}),
    abbreviates=True,
)
