"""Black, which only reports: one finding for each place that it would change.

A file that it cannot parse, or that is not UTF-8, is a finding too. It passes with half of its configuration when it
does not understand the rest; here that is an error. It runs verbosely, because its own setting `quiet` would hide that
there was no file.
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

_FAILED = re.compile(r"^error: (?P<message>cannot (?:format|parse).+)$", re.MULTILINE)
_UNPARSED = re.compile(r"cannot parse(?: for [^:]+)?: (?P<path>.+):(?P<line>\d+):\d+$")
_UNPARSED_ONCE = re.compile(r"cannot format (?P<path>.+?): Cannot parse[^:]*: (?P<line>\d+):\d+: ")  # until 25
_UNDECODED = re.compile(r"cannot format (?P<path>.+?): .*(?:codec can't decode|encoding declaration)")
_MISREAD = re.compile(r"^Invalid config keys detected: .+", re.MULTILINE)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches no diffs
    return ["black", *args, "--check", "--diff", "--no-color", "--verbose", "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    misread = _MISREAD.search(output.stderr)
    if misread:
        raise Unreadable(f"it does not understand its configuration: {misread.group()}")
    return Evidence(findings=(*_unread(output.stderr, root), *unformatted(output.stdout, root)))


def _unread(text: str, root: Path) -> Iterator[Finding]:
    for match in _FAILED.finditer(text):
        message = match["message"]
        unparsed = _UNPARSED.match(message) or _UNPARSED_ONCE.match(message)
        undecoded = _UNDECODED.match(message)
        if unparsed:
            path, line = place(unparsed["path"], root), int(unparsed["line"])
            yield Finding(rule="syntax", level=Level.ERROR, message=message, path=path, line=line)
        elif undecoded:
            yield Finding(rule="encoding", level=Level.ERROR, message=message, path=place(undecoded["path"], root))
        else:
            raise Unreadable(message)


BLACK = Adapter(
    name="black",
    install="pip install black",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 123}),
    paths=(".",),
    types=("*.py", "*.pyi", "*.ipynb"),
    refused=frozenset({"--code", "-c", "--stdin-filename"}),
    nothing=re.compile(r"^No Python files are present[^.\n]*", re.MULTILINE),
)
