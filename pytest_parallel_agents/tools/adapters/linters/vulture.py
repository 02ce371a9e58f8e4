"""Vulture. It has no machine-readable format, so its lines are parsed; one that does not match makes the output
unreadable.

Like the tool itself a check fails on any finding. Files that it cannot parse are findings here. One that it cannot read
is an error even when it found something else, which its exit code does not show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.settings import holds_file

_UNUSED = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<message>.+ \(\d+% confidence(?:, \d+ lines?)?\))")
_UNPARSED = re.compile(
    r"^(?P<path>.+?)(?::(?:(?P<line>\d+)|None)|(?=: invalid source code )): (?!\w+Warning: )(?P<message>.+)$",
    re.MULTILINE,
)
_FAILED = re.compile(r"^Error: .+", re.MULTILINE)
_NAMED = re.compile(r"unused (\w+) '")
_WHITELISTED = re.compile(r"(?:(?:_\.)?(?P<name>\S+)  )?# (?P<message>.+) \((?P<path>.+):(?P<line>\d+)\)")
_VERBOSE = re.compile(r"Reading configuration from |(?:Scanning|Excluded): ")


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


def _split(text: str) -> tuple[str, str]:
    """When its settings make it verbose, only the last lines of its output are findings."""
    if not _VERBOSE.match(text):
        return text, ""
    lines = text.splitlines()
    number = sum(1 for _ in takewhile(_found, reversed(lines)))
    return "\n".join(lines[len(lines) - number :]), "\n".join(lines[: len(lines) - number])


def _found(line: str) -> re.Match[str] | None:
    """A finding, as it is reported or as it would be written in a whitelist."""
    return _UNUSED.fullmatch(line) or _WHITELISTED.fullmatch(line)


def _unused(text: str, root: Path) -> Iterator[Finding]:
    for line in filter(str.strip, text.splitlines()):
        match = _found(line)
        if match is None:
            raise Unreadable(f"its output cannot be read: {line}")
        name = match.groupdict().get("name")
        message = f"{match['message']} '{name}'" if name else match["message"]
        named = _NAMED.match(message)
        yield Finding(
            rule=f"unused-{named[1]}" if named else "unreachable-code",
            level=Level.WARNING,
            message=message,
            path=place(match["path"], root),
            line=int(match["line"]),
        )


def _obstacle(paths: Sequence[str], args: Sequence[str], folder: Path) -> None:  # noqa: ARG001 - an Obstacle
    if paths and not holds_file(folder, paths, ".py"):
        raise NothingJudged("it has found no file to check")


VULTURE = Adapter(
    name="vulture",
    install="pip install vulture",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 3}),
    types=("*.py", "*.pyi"),
    obstacle=_obstacle,
    split=_split,
)
