"""ESLint, of the project's `node_modules` or of the search path. Like the tool itself a check fails on errors only.

It caches nothing unless `args` has `--cache`; then each check has its own cache.
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
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_LEVELS = {1: Level.WARNING, 2: Level.ERROR}


class _Message(msgspec.Struct, rename="camel"):
    message: str
    severity: Literal[1, 2]
    rule_id: str | None = None
    line: int | None = None
    end_line: int | None = None


class _File(msgspec.Struct, rename="camel"):
    file_path: str
    messages: list[_Message]


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    return ["eslint", "--format=json", f"--cache-location={cache / 'eslint'}", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    files = decode(output.stdout, list[_File])
    if not files:
        raise NothingJudged("it has found no file to lint")
    return Evidence(findings=tuple(_finding(file, message, root) for file in files for message in file.messages))


def _finding(file: _File, message: _Message, root: Path) -> Finding:
    return Finding(
        rule=message.rule_id or "eslint",
        level=_LEVELS[message.severity],
        message=message.message,
        path=place(file.file_path, root),
        line=message.line,
        end_line=message.end_line,
    )


ESLINT = Adapter(
    name="eslint",
    install="npm install --save-dev eslint",
    argv=argv,
    read=read,
    paths=(".",),
    fail_on=Level.ERROR,
    writing=frozenset({"--fix", "--suppress-all", "--suppress-rule", "--prune-suppressions"}),
    refused=frozenset({"--format", "-f", "--output-file", "-o"}),
    split=document_with("filePath", "messages"),
    nothing=re.compile(r"No files matching .*|All files matched by .* are ignored.*"),
)
