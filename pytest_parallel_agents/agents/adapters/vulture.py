"""Vulture. It has no machine's language, so its lines are read; the one that does not fit makes the output unreadable.

Like the tool itself a check fails on any finding. Files that it cannot parse are findings here. One that it cannot read
is an error even when it found something else, which its exit code does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.formats.decoding import match_lines
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Finding, Level

_UNUSED = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<message>.+ \(\d+% confidence(?:, \d+ lines?)?\))")
_UNPARSED = re.compile(
    r"^(?P<path>.+?)(?::(?:(?P<line>\d+)|None)|(?=: invalid source code )): (?!\w+Warning: )(?P<message>.+)$",
    re.MULTILINE,
)
_FAILED = re.compile(r"^Error: .+", re.MULTILINE)
_NAMED = re.compile(r"unused (\w+) '")


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["vulture", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    failed = _FAILED.search(output.stderr)
    if failed:
        raise Unreadable(failed.group())
    return Evidence(findings=(*_unparsed(output.stderr, root), *_unused(output.stdout, root)))


def _unparsed(text: str, root: Path) -> Iterator[Finding]:
    for match in _UNPARSED.finditer(text):
        line = int(match["line"]) if match["line"] else None
        path = place(match["path"], root)
        yield Finding(rule="syntax", level=Level.ERROR, message=match["message"], path=path, line=line)


def _unused(text: str, root: Path) -> Iterator[Finding]:
    for match in match_lines(text, _UNUSED):
        named = _NAMED.match(match["message"])
        yield Finding(
            rule=f"unused-{named[1]}" if named else "unreachable-code",
            level=Level.WARNING,
            message=match["message"],
            path=place(match["path"], root),
            line=int(match["line"]),
        )


VULTURE = Adapter(
    name="vulture",
    install="pip install vulture",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 3}),
    types=("*.py", "*.pyi"),
)
