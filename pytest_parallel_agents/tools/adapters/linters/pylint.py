"""Pylint 3 and newer. Like the tool itself a check fails on any message; `fail-on = "error"` on errors only.

Its exit code is a bit mask of the kinds of its messages. It goes on when it cannot read its settings or a file; here
that is an error. The results that it would keep, to compare the next run with, are shared by all runs of a user, so it
keeps none. Nor does it draw graphs or add words to a dictionary, whatever its settings are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.settings import content, upwards, values_of
from pytest_parallel_agents.tools.adapters.splitting import document_with

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


class _Statistics(msgspec.Struct, rename="camel"):
    modules_linted: int = 1


class _Document(msgspec.Struct):
    messages: list[_Message]
    statistics: _Statistics = msgspec.field(default_factory=_Statistics)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["pylint", "--output-format=json2", "--recursive=y", *args, *_READ_ONLY, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    document = decode(output.stdout, _Document)
    messages = document.messages
    for message in messages:
        if message.type == "fatal" or message.symbol in _MISCONFIGURED:
            raise Unreadable(f"{message.path}: {message.message}")
    if not messages and not document.statistics.modules_linted:
        raise NothingJudged("it has found no file to lint")
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


_OWN = ("pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml")
_SHARED = ("pyproject.toml", "setup.cfg", "tox.ini")
_SECTION = re.compile(r"^\s*\[(?:tool\.)?pylint", re.MULTILINE)
_INTO_FILE = re.compile(r"^\s*output[-_]format\s*[=:].*\w:[^\s\"']", re.MULTILINE)
_FROM_STDIN = re.compile(r"^\s*from[-_]stdin\s*[=:]\s*[\"']?(?:y|t|1|on)", re.MULTILINE | re.IGNORECASE)


def _obstacle(paths: Sequence[str], args: Sequence[str], folder: Path) -> str | None:  # noqa: ARG001 - an Obstacle
    """Pylint creates the files of formats that its settings name even if an argument names another format.

    From stdin it would read nothing, and pass.
    """
    files = [folder / name for name in values_of("--rcfile", args)] or _settings_files(folder)
    file, settings = next(((file, text) for file in files if _is_settings(file, text := content(file))), (folder, ""))
    if _FROM_STDIN.search(settings):
        return f"{file.name}: from-stdin makes pylint judge stdin, which is empty (remove it)"
    if _INTO_FILE.search(settings):
        remedy = "remove it, or run pylint as a command of its own"
        return f"{file.name}: output-format makes pylint write a file ({remedy})"
    return None


def _settings_files(folder: Path) -> Iterator[Path]:
    """Files that it takes for settings: in the folder, in those of its package, around it, and in those of the user."""
    yield from (folder / name for name in (*_OWN, *_SHARED))
    package = folder
    while os.path.exists(package / "__init__.py"):
        package = package.parent
        yield from (package / name for name in _OWN)
    yield from (around / "pyproject.toml" for around in upwards(folder))
    named = os.environ.get("PYLINTRC")
    home = os.path.expanduser("~")
    users = (os.path.join(home, ".pylintrc"), os.path.join(home, ".config", "pylintrc"))
    yield from map(Path, (os.path.join(folder, named),) if named else users)


def _is_settings(file: Path, text: str) -> bool:
    own_file = file.name not in _SHARED
    return bool(text) and (own_file or _SECTION.search(text) is not None)


_READ_ONLY = ("--persistent=n", "--reports=n", "--spelling-store-unknown-words=n")
"""Reports draw the graphs that the settings name into files."""

PYLINT = Adapter(
    name="pylint",
    install='pip install "pylint>=3"',
    argv=argv,
    read=read,
    codes=frozenset(range(_ALL_KINDS + 1)),
    paths=(".",),
    types=("*.py",),
    refused=frozenset({"--output", "--output-format", "-f", "--from-stdin"}),
    abbreviates=True,
    obstacle=_obstacle,
    split=document_with("messages", "statistics"),
    nothing=re.compile(r"^No files to lint.*", re.MULTILINE),
)
