"""Ruff's formatter, which only reports: one finding for each place that it would change.

A file that it cannot parse, or that is not UTF-8, is a finding too.
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

_BROKE = 2
_UNPARSED = re.compile(r"^error: Failed to parse (?P<path>.+?):(?P<line>\d+):\d+: (?P<message>.+)$", re.MULTILINE)
_UNDECODED = re.compile(r"^error: Failed to read (?P<path>.+?): (?P<message>.*UTF-8.*)$", re.MULTILINE)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    chosen = any(arg.startswith("--cache-dir") for arg in args)  # which ruff takes once
    own = () if chosen else (f"--cache-dir={cache}",)
    return ["ruff", "format", "--check", "--diff", *own, *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    unread = tuple(_unread(output.stderr, root))
    if output.exit_code == _BROKE and not unread:
        raise Unreadable("it gave up")
    return Evidence(findings=(*unread, *unformatted(output.stdout, root)))


def _unread(text: str, root: Path) -> Iterator[Finding]:
    for match in _UNPARSED.finditer(text):
        path, line = place(match["path"], root), int(match["line"])
        yield Finding(rule="syntax", level=Level.ERROR, message=match["message"], path=path, line=line)
    for match in _UNDECODED.finditer(text):
        yield Finding(rule="encoding", level=Level.ERROR, message=match["message"], path=place(match["path"], root))


RUFF_FORMAT = Adapter(
    name="ruff-format",
    install="pip install ruff",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 2}),
    types=("*.py", "*.pyi", "*.ipynb"),
    file_args=("--force-exclude",),
    refused=frozenset({"--output-format", "--stdin-filename"}),
    unset=frozenset({"RUFF_OUTPUT_FORMAT"}),
    nothing=re.compile(r"No Python files found.*"),
)
