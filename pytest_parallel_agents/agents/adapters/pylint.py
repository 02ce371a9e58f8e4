"""Pylint 3 and newer. Like the tool itself a check fails on any message; `fail-on = "error"` on errors only.

Its exit code is a bit mask of the kinds of its messages. It goes on when it cannot read its settings or a file; here
that is an error. What it would keep of a run, to compare the next one with, is shared by all that a user runs: so it
keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.formats.decoding import decode
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Finding, Level

_LEVELS = {
    "fatal": Level.ERROR,
    "error": Level.ERROR,
    "warning": Level.WARNING,
    "refactor": Level.NOTE,
    "convention": Level.NOTE,
    "info": Level.NOTE,
}
_MISCONFIGURED = frozenset({"unrecognized-option", "bad-configuration-section", "bad-plugin-value"})
_ALL_KINDS = 0b11111


class _Message(msgspec.Struct, rename="camel"):
    type: Literal["fatal", "error", "warning", "refactor", "convention", "info"]
    symbol: str
    message: str
    path: str
    line: int
    end_line: int | None = None


class _Document(msgspec.Struct):
    messages: list[_Message]


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["pylint", "--output-format=json2", "--persistent=n", "--recursive=y", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    messages = decode(output.stdout, _Document).messages
    for message in messages:
        if message.type == "fatal" or message.symbol in _MISCONFIGURED:
            raise Unreadable(f"{message.path}: {message.message}")
    return Evidence(findings=tuple(_finding(message, root) for message in messages))


def _finding(message: _Message, root: Path) -> Finding:
    return Finding(
        rule=message.symbol,
        level=_LEVELS[message.type],
        message=message.message,
        path=place(message.path, root),
        line=message.line or None,
        end_line=message.end_line,
    )


PYLINT = Adapter(
    name="pylint",
    install='pip install "pylint>=3"',
    argv=argv,
    read=read,
    codes=frozenset(range(_ALL_KINDS + 1)),
    paths=(".",),
    types=("*.py",),
)
