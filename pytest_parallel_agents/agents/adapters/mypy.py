"""Mypy. Runs that share a cache disturb each other, so each check has its own.

Its exit code is 1 for notes alone when it prints JSON, so the level of what it found decides. It passes with half of
its configuration when it does not understand the rest; here that is an error. A version of Python that it no longer
knows is none: it judges by the one that runs it, and all projects with a few years behind them would be broken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.formats.decoding import decode_lines
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Finding, Level

_GAVE_UP = 2
_TOO_OLD = r"python_version: Python \S+ is not supported"
_CONFIGURATION = re.compile(rf"^\S[^:\n]*\.(?:ini|toml|cfg): (?!.*{_TOO_OLD}).+", re.MULTILINE)


class _Message(msgspec.Struct):
    file: str
    line: int
    message: str
    severity: Level
    code: str | None = None
    end_line: int | None = None
    hint: str | None = None


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    return ["mypy", "--output=json", f"--cache-dir={cache}", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    misread = _CONFIGURATION.search(output.stderr)
    if misread:
        raise Unreadable(f"it does not understand its configuration: {misread.group()}")
    findings = tuple(_finding(message, root) for message in decode_lines(output.stdout, _Message))
    if output.exit_code == _GAVE_UP and not any(finding.rule == "syntax" for finding in findings):
        raise Unreadable("it gave up")
    return Evidence(findings=findings)


def _finding(message: _Message, root: Path) -> Finding:
    located = message.line > 0
    return Finding(
        rule=message.code or "mypy",
        level=message.severity,
        message=message.message + (f"\n{message.hint}" if message.hint else ""),
        path=place(message.file, root),
        line=message.line if located else None,
        end_line=message.end_line if located else None,
    )


MYPY = Adapter(
    name="mypy",
    install="pip install mypy",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 2}),
    fail_on=Level.ERROR,
    types=("*.py", "*.pyi"),
)
